import type { KubeObject } from "../../model/manifest.ts";
import { type Context, defineCommand, type Example } from "../command/command.ts";
import { formatAge } from "../print/age.ts";
import { documentFormats, formatDocument, listOf } from "../print/documents.ts";
import { formatTable } from "../print/table.ts";
import { findKind, listKind, type MooringKind, namespaceOf, withCluster } from "./environments.ts";

/** What a table of objects shows between their names and their ages. */
export interface Shown {
  readonly kind: MooringKind;
  readonly description: string;
  readonly examples: readonly Example[];
  /** In lower case. */
  readonly columns: readonly string[];
  readonly cells: (object: KubeObject) => readonly string[];
}

/** A command `mooring get KINDs [NAME...]`. */
export function defineGet({ kind, description, examples, columns, cells }: Shown) {
  return defineCommand({
    description,
    arguments: {
      name: {
        names: "object",
        summary: `${kind}s to show; defaults to all in the namespace`,
        optional: true,
        many: true,
      },
    },
    flags: {
      "all-namespaces": { type: "boolean", short: "A", summary: `Show the ${kind}s in all namespaces` },
      output: {
        type: "string",
        short: "o",
        value: "FORMAT",
        choices: documentFormats,
        summary: "Print the objects in full",
      },
    },
    idle: [{ beside: "all-namespaces", flags: ["namespace"], why: "--all-namespaces covers every namespace" }],
    examples,
    async run(context) {
      const { flags, signal, stdout, stderr } = context;
      const names = context.arguments.name;
      const found = await withCluster(context, async (cluster) => {
        const namespace = flags["all-namespaces"] ? "" : namespaceOf(context, cluster);
        if (names.length > 0) return { namespace, items: await findKind(cluster, kind, { namespace, names }, signal) };
        return { namespace, items: await listKind(cluster, kind, namespace, signal) };
      });
      if (flags.output !== undefined) {
        const [only] = found.items;
        const value = names.length === 1 && only !== undefined ? only : listOf(found.items);
        stdout.writeData(await formatDocument(value, flags.output));
      } else if (found.items.length === 0) {
        stderr.line(`No ${kind}s found${found.namespace === "" ? "" : ` in namespace ${found.namespace}`}.`);
      } else {
        stdout.write(table(found.items, flags["all-namespaces"], context));
      }
      return 0;
    },
  });

  function table(objects: readonly KubeObject[], withNamespace: boolean, { now }: Pick<Context, "now">): string {
    const rows = objects.map((object) => {
      const { name, creationTimestamp, namespace = "" } = object.metadata;
      const age = formatAge(now().getTime() - Date.parse(creationTimestamp ?? ""));
      return [...(withNamespace ? [namespace] : []), name, ...cells(object), age];
    });
    return formatTable([...(withNamespace ? ["namespace"] : []), "name", ...columns, "age"], rows);
  }
}

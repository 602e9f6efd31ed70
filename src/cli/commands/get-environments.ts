import { stringAt } from "../../model/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { shortRevision } from "../../model/revision.ts";
import { type Context, defineCommand } from "../command.ts";
import {
  conditionOf,
  findEnvironments,
  isSuspended,
  listEnvironments,
  namespaceOf,
  withCluster,
} from "../environments.ts";
import { formatAge } from "../print/age.ts";
import { documentFormats, formatDocument, listOf } from "../print/documents.ts";
import { formatTable } from "../print/table.ts";

/** `mooring get environments [NAME...]`. */
export const getEnvironments = defineCommand({
  description: "Shows whether each Environment is ready, at which revision it is, and if not, why not.",
  arguments: {
    name: { summary: "The Environments to show; all of the namespace without it", optional: true, many: true },
  },
  flags: {
    "all-namespaces": { type: "boolean", short: "A", summary: "Show the Environments of all namespaces" },
    output: { type: "string", short: "o", value: "FORMAT", choices: documentFormats, summary: "Print whole objects" },
  },
  examples: [
    { text: "How is everything?", line: "mooring get environments --all-namespaces" },
    { text: "Which revision was the last healthy one?", line: "mooring get env production -o yaml | grep lastHealthy" },
  ],
  async run(context) {
    const { flags, signal, stdout, stderr } = context;
    const names = context.arguments.name;
    const found = await withCluster(context, async (cluster) => {
      const namespace = flags["all-namespaces"] ? "" : namespaceOf(context, cluster);
      if (names.length > 0) return { namespace, items: await findEnvironments(cluster, { namespace, names }, signal) };
      return { namespace, items: await listEnvironments(cluster, namespace, signal) };
    });
    if (flags.output !== undefined) {
      const [only] = found.items;
      const value = names.length === 1 && only !== undefined ? only : listOf(found.items);
      stdout.write(await formatDocument(value, flags.output));
    } else if (found.items.length === 0) {
      stderr.write(`No Environments found${found.namespace === "" ? "" : ` in namespace ${found.namespace}`}.\n`);
    } else {
      stdout.write(table(found.items, flags["all-namespaces"], context));
    }
    return 0;
  },
});

function table(environments: readonly KubeObject[], withNamespace: boolean, { now }: Pick<Context, "now">): string {
  const headings = ["name", "ready", "revision", "status", "age"];
  const rows = environments.map((environment) => {
    const { name, creationTimestamp, namespace } = environment.metadata;
    const ready = conditionOf(environment, "Ready");
    const revision = shortRevision(stringAt(environment, "status", "lastAppliedRevision") ?? "");
    const message = isSuspended(environment) ? `Suspended. ${ready.message}`.trim() : ready.message;
    const age = formatAge(now().getTime() - Date.parse(creationTimestamp ?? ""));
    return [...(withNamespace ? [namespace ?? ""] : []), name, ready.status, revision, message, age];
  });
  return formatTable([...(withNamespace ? ["namespace"] : []), ...headings], rows);
}

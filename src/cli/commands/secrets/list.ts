import { readItems } from "../../../seal/index.ts";
import { asksNoCluster, defineCommand } from "../../command/command.ts";
import { formatTable } from "../../print/table.ts";
import { sealedFiles } from "../../sealing/files/sealed-files.ts";
import { manifestFiles } from "../../sealing/files/walk.ts";

/** `mooring secrets list`. */
export const list = defineCommand({
  description:
    "Lists each sealed value with its file, its namespace and name, its scope and the key it was sealed with. With --namespace, lists only that namespace. Values are never shown.",
  arguments: { path: { summary: "Files and folders; defaults to the current folder", many: true, optional: true } },
  flags: {},
  unheeded: asksNoCluster,
  examples: [{ text: "A whole repository", line: "mooring secrets list" }],
  async run(context) {
    const paths = context.arguments.path.length === 0 ? ["."] : context.arguments.path;
    const { namespace: wanted } = context.global;
    const rows: (readonly string[])[] = [];
    for (const { path, documents } of sealedFiles(await manifestFiles(context, paths))) {
      for (const document of documents) {
        const { namespace = "", name } = document.object.metadata;
        if (wanted !== undefined && namespace !== wanted) continue;
        for (const item of readItems(document)) {
          rows.push([path, namespace, name, item.name, item.scope, item.algorithm, item.key ?? "<unknown>"]);
        }
      }
    }
    if (rows.length === 0)
      context.stderr.line(`There are no sealed values${wanted === undefined ? "" : ` in the namespace ${wanted}`}.`);
    else context.stdout.write(formatTable(["file", "namespace", "name", "item", "scope", "algorithm", "key"], rows));
    return 0;
  },
});

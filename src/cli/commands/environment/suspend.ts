import { environmentAnnotations } from "../../../api/names.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { environmentRef, findKind, namespaceOf, withCluster } from "../../environment/environments.ts";

/** `mooring suspend NAME...`. */
export const suspend = defineCommand({
  description: "Nothing is rolled out, corrected or deleted until mooring resume, whatever is pushed or changed.",
  arguments: { name: { names: "object", summary: "Environments to suspend", many: true } },
  flags: {},
  examples: [{ text: "Work on the cluster by hand for a while", line: "mooring suspend production" }],
  run: (context) => setSuspend(context, context.arguments.name, true),
});

/** `mooring resume NAME...`. */
export const resume = defineCommand({
  description:
    "Rolls out what was pushed in the meantime and corrects drift. Also removes a pin set by mooring rollback.",
  arguments: { name: { names: "object", summary: "Environments to resume", many: true } },
  flags: {},
  examples: [{ text: "Reconcile again", line: "mooring resume production" }],
  run: (context) => setSuspend(context, context.arguments.name, false),
});

async function setSuspend(context: Context, names: readonly string[], value: boolean): Promise<number> {
  const { signal, stdout } = context;
  await withCluster(context, async (cluster) => {
    const namespace = namespaceOf(context, cluster);
    await findKind(cluster, "Environment", { namespace, names }, signal);
    for (const name of names) {
      const unpinned = { metadata: { annotations: { [environmentAnnotations.pin]: null } } };
      const body = { spec: { suspend: value }, ...(value ? {} : unpinned) };
      const patch = { type: "merge", body } as const;
      await cluster.patch(environmentRef(namespace, name), patch, { fieldManager: "mooring-cli" }, signal);
      stdout.line(`environment/${name} ${value ? "suspended" : "resumed"}`);
    }
  });
  return 0;
}

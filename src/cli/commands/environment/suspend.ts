import { environmentAnnotations } from "../../../api/names.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { environmentRef, findEnvironments, namespaceOf, withCluster } from "../../environment/environments.ts";

/** `mooring suspend NAME...`. */
export const suspend = defineCommand({
  description: "The cluster stays as it is, whatever is pushed or changed, until mooring resume.",
  arguments: { name: { names: "object", summary: "The Environments to leave alone", many: true } },
  flags: {},
  examples: [{ text: "Work on the cluster by hand for a while", line: "mooring suspend production" }],
  run: (context) => setSuspend(context, context.arguments.name, true),
});

/** `mooring resume NAME...`. */
export const resume = defineCommand({
  description:
    "What was pushed meanwhile is rolled out, and what was changed by hand is put right. Ends a pin by mooring rollback, too.",
  arguments: { name: { names: "object", summary: "The Environments to take care of again", many: true } },
  flags: {},
  examples: [{ text: "Let Mooring go on", line: "mooring resume production" }],
  run: (context) => setSuspend(context, context.arguments.name, false),
});

async function setSuspend(context: Context, names: readonly string[], value: boolean): Promise<number> {
  const { signal, stdout } = context;
  await withCluster(context, async (cluster) => {
    const namespace = namespaceOf(context, cluster);
    await findEnvironments(cluster, { namespace, names }, signal);
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

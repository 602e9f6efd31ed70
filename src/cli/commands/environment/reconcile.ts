import { environmentAnnotations } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import { defineCommand } from "../../command/command.ts";
import {
  asArgument,
  environmentRef,
  findKind,
  isSuspended,
  namespaceOf,
  withCluster,
} from "../../environment/environments.ts";
import { type Request, reportOutcome } from "../../environment/request.ts";

/** `mooring reconcile NAME`. */
export const reconcile = defineCommand({
  description:
    "Asks the agent to fetch and roll out now instead of at the next interval, and waits for the outcome. A revision that failed before is tried again. The exit code is 0 if the Environment becomes ready.",
  arguments: { name: { names: "object", summary: "The Environment" } },
  flags: {
    "no-wait": { type: "boolean", summary: "Do not wait for the outcome" },
    timeout: { type: "duration", default: "10m", summary: "How long to wait for the outcome" },
  },
  idle: [{ beside: "no-wait", flags: ["timeout"], why: "there is nothing to wait for" }],
  examples: [
    { text: "Roll out what was just pushed", line: "mooring reconcile production" },
    { text: "In a script, wait no longer than two minutes", line: "mooring reconcile production --timeout 2m" },
  ],
  async run(context) {
    const { flags, stdout } = context;
    const { name } = context.arguments;
    return withCluster(context, async (cluster) => {
      const namespace = namespaceOf(context, cluster);
      const request = { namespace, name, at: context.now().toISOString() };
      await ask(cluster, request, context.signal);
      if (flags["no-wait"]) {
        stdout.line(`environment/${name} requested to reconcile`);
        return 0;
      }
      return reportOutcome(context, cluster, { ...request, timeoutMs: flags.timeout });
    });
  },
});

async function ask(cluster: Cluster, { namespace, name, at }: Request, signal: AbortSignal): Promise<void> {
  const [environment] = await findKind(cluster, "Environment", { namespace, names: [name] }, signal);
  if (environment !== undefined && isSuspended(environment)) {
    const hint = `resume it with mooring resume ${asArgument({ namespace, name })}`;
    throw new Failure("UsageInvalid", { object: `Environment/${namespace}/${name}`, message: "is suspended", hint });
  }
  const body = { metadata: { annotations: { [environmentAnnotations.requestedAt]: at } } };
  const options = { fieldManager: "mooring-cli" };
  await cluster.patch(environmentRef(namespace, name), { type: "merge", body }, options, signal);
}

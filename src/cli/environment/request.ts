import { pause } from "../../clock/index.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { shortRevision } from "../../model/revision.ts";
import type { Context } from "../command/command.ts";
import { formatError } from "../print/failure.ts";
import { withProgress } from "../print/progress.ts";
import { asArgument, environmentRef, readCondition } from "./environments.ts";

const pollMs = 300;

/** A reconcile that was asked for. */
export interface Request {
  readonly namespace: string;
  readonly name: string;
  /** What stands in the annotation, and comes back in the status when it was acted on. */
  readonly at: string;
}

/**
 * Waits until the agent has acted on a request, and says how it ended. Answers with the exit code: 0 when the Environment
 * is ready. Throws `Failure` (DependencyNotReady) where the timeout ends first.
 */
export async function reportOutcome(
  { stdout, stderr, signal }: Pick<Context, "stdout" | "stderr" | "signal">,
  cluster: Cluster,
  request: Request & { readonly timeoutMs: number },
): Promise<number> {
  const { namespace, name } = request;
  const limit = AbortSignal.timeout(request.timeoutMs);
  const environment = await withProgress(stderr, `Waiting for ${name}`, async (say) =>
    outcome(cluster, { ...request, say, limit }, signal),
  );
  const ready = readCondition(environment, "Ready");
  const revision = shortRevision(stringAt(environment, "status", "lastAppliedRevision") ?? "");
  if (ready.status === "True") {
    stdout.line(`environment/${name} is ready at ${revision}`);
    return 0;
  }
  const hint = `find the cause with mooring why ${asArgument(request)}`;
  const problem = { object: `Environment/${namespace}/${name}`, message: `${ready.reason}: ${ready.message}`, hint };
  stderr.write(formatError(problem, stderr.style));
  return 1;
}

/** The Environment when the agent has acted on the request and come to an end. Throws `Failure` (DependencyNotReady) at the limit. */
async function outcome(
  cluster: Cluster,
  wait: Request & { readonly say: (doing: string) => void; readonly limit: AbortSignal },
  signal: AbortSignal,
): Promise<KubeObject> {
  for (;;) {
    const environment = await cluster.get(environmentRef(wait.namespace, wait.name), signal);
    if (environment === undefined)
      throw new Failure("NotFound", { message: `${wait.name} was deleted in the meantime` });
    const taken = stringAt(environment, "status", "lastHandledRequest") === wait.at;
    const reconciling = readCondition(environment, "Reconciling");
    if (taken && reconciling.status !== "True") return environment;
    if (taken && reconciling.message !== "") wait.say(`${wait.name}: ${reconciling.message}`);
    if (wait.limit.aborted) throw tooLong(wait, taken);
    await pause(pollMs, signal);
  }
}

function tooLong({ namespace, name }: Request, taken: boolean): Failure {
  if (taken) {
    const hint = `the rollout continues: follow it with mooring get env ${asArgument({ namespace, name })}, or wait longer with --timeout`;
    return new Failure("DependencyNotReady", { message: `${name} did not finish within the timeout`, hint });
  }
  const hint = "is it running, and does it watch this namespace? Find out with mooring check";
  return new Failure("DependencyNotReady", { message: "the agent has not picked up the request", hint });
}

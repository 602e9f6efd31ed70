import { environmentAnnotations, ownerLabels } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, numberAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Context } from "../command/command.ts";
import { environmentRef, readCondition } from "../environment/environments.ts";
import { reportOutcome } from "../environment/request.ts";
import { agentName } from "../install/components.ts";
import { selfEnvironment, type Wanted } from "./layout.ts";

/** Where the agent is to arrive. */
export interface Goal {
  readonly wanted: Wanted;
  /** The commit that holds what it needs to manage itself. */
  readonly commit: string;
  readonly timeoutMs: number;
}

/**
 * Applies the agent's own Environment and waits until it is ready at the commit, or a later one, and owns the agent. Does
 * nothing where that is so already. Answers with the exit code. Throws `Failure` (DependencyNotReady).
 */
export async function followItself(context: Context, cluster: Cluster, goal: Goal): Promise<number> {
  const { wanted, timeoutMs } = goal;
  const { signal, stdout } = context;
  const ref = environmentRef(wanted.namespace, wanted.namespace);
  const live = await cluster.get(ref, signal);
  if (
    live !== undefined &&
    isThere(live, goal) &&
    (await applySelf(cluster, wanted, true, signal)) === generationOf(live)
  ) {
    stdout.line(`environment/${wanted.namespace} is ready: the agent is already managed from Git`);
    return 0;
  }
  await applySelf(cluster, wanted, false, signal);
  const at = context.now().toISOString();
  const body = { metadata: { annotations: { [environmentAnnotations.requestedAt]: at } } };
  await cluster.patch(ref, { type: "merge", body }, { fieldManager: "mooring-cli" }, signal);
  const { namespace } = wanted;
  const code = await reportOutcome(context, cluster, { namespace, name: namespace, at, timeoutMs });
  if (code === 0) refuseWithoutAgent(await cluster.get(ref, signal), wanted);
  return code;
}

/** With the labels that the agent gives it, so that neither of both takes them away from the other. */
async function applySelf(
  cluster: Cluster,
  wanted: Wanted,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<number | undefined> {
  const environment = selfEnvironment(wanted);
  const { name, namespace = "" } = environment.metadata;
  const labels = { [ownerLabels.name]: name, [ownerLabels.namespace]: namespace };
  const object = { ...environment, metadata: { ...environment.metadata, labels } };
  return generationOf((await cluster.apply(object, { dryRun, force: true }, signal)).object);
}

function generationOf(environment: KubeObject): number | undefined {
  return numberAt(environment, "metadata", "generation");
}

function isThere(environment: KubeObject, { commit }: Goal): boolean {
  const revision = stringAt(environment, "status", "lastAppliedRevision") ?? "";
  const seen = numberAt(environment, "status", "observedGeneration") === generationOf(environment);
  return (
    seen && revision.endsWith(commit) && readCondition(environment, "Ready").status === "True" && ownsAgent(environment)
  );
}

function ownsAgent(environment: KubeObject | undefined): boolean {
  const namespace = stringAt(environment, "metadata", "namespace") ?? "";
  const id = formatId({ group: "apps", kind: "Deployment", namespace, name: agentName });
  return listAt(environment, "status", "inventory", "entries").some((entry) => stringAt(entry, "id") === id);
}

function refuseWithoutAgent(environment: KubeObject | undefined, wanted: Wanted): void {
  if (ownsAgent(environment)) return;
  const message = `${wanted.path || "."} does not lead to the agent's own objects`;
  const hint = `add ${wanted.namespace} to the resources of the kustomization in that folder, and push`;
  throw new Failure("DependencyNotReady", {
    object: `Environment/${wanted.namespace}/${wanted.namespace}`,
    message,
    hint,
  });
}

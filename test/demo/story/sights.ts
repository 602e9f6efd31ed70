/** What one look at the cluster and at the forge tells, for the story. */
import { apiVersion } from "../../../src/api/names.ts";
import { environmentRef, readCondition } from "../../../src/cli/environment/environments.ts";
import type { ObjectRef } from "../../../src/cluster/index.ts";
import { stringAt } from "../../../src/model/json/json.ts";
import type { Sight } from "../check.ts";
import { namespaces } from "../cluster.ts";
import { deploymentState, environmentState, readyAt } from "../shop.ts";
import { type PullRequest, pullRequests, statusesOf } from "./pull-requests.ts";
import type { StoryScene } from "./scene.ts";

/** The two environments. */
export type Place = "staging" | "production";

/** Whether an environment is healthy at a commit. */
export async function healthyAt({ cluster, signal }: StoryScene, place: Place, commit: string): Promise<Sight> {
  return readyAt(await environmentState(cluster.admin, place, signal), commit);
}

/** Whether an environment has begun with a commit, or ended. */
export async function attempted({ cluster, signal }: StoryScene, place: Place, commit: string): Promise<Sight> {
  const object = await cluster.admin.get(environmentRef(namespaces.agent, place), signal);
  const seen = stringAt(object, "status", "lastAttemptedRevision") ?? "nothing";
  return { holds: seen.endsWith(commit), seen };
}

/** Whether the forge shows a status at a commit, in this state, and with these words in it. */
export async function commitSays(
  scene: StoryScene,
  commit: string,
  ...[context, state, words = ""]: readonly [context: string, state: string, words?: string]
): Promise<Sight> {
  const status = (await statusesOf(scene, commit)).get(context);
  const seen = status === undefined ? `no status ${context}` : `${context}: ${status.state}, ${status.words}`;
  return { holds: status?.state === state && status.words.includes(words), seen };
}

/** Whether every replica of an environment's storefront is of this version and ready. */
export async function runs({ cluster, signal }: StoryScene, place: Place, tag: string): Promise<Sight> {
  const ref: ObjectRef = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: namespaces[place],
    name: "storefront",
  };
  const { image, settled, words } = await deploymentState(cluster.admin, ref, signal);
  return { holds: settled && image.endsWith(`:${tag}`), seen: words };
}

/** Whether the Promotion is ready, for this reason. */
export async function promotionIs({ cluster, signal }: StoryScene, reason: string): Promise<Sight> {
  const ref = { apiVersion, kind: "Promotion", namespace: namespaces.agent, name: "production" };
  const object = await cluster.admin.get(ref, signal);
  if (object === undefined) return { holds: false, seen: "no such Promotion" };
  const ready = readCondition(object, "Ready");
  return { holds: ready.reason === reason, seen: `Ready=${ready.status} ${ready.reason}: ${ready.message}` };
}

/** The open pull requests to a branch. */
export async function openTo(scene: StoryScene, base: string): Promise<readonly PullRequest[]> {
  return (await pullRequests(scene)).filter((each) => each.base === base && each.state === "open");
}

/** Whether there is one open pull request to a branch, and it fits. */
export async function oneOpenTo(
  scene: StoryScene,
  base: string,
  fits: (request: PullRequest) => boolean,
): Promise<Sight> {
  const [request, ...others] = await openTo(scene, base);
  if (request === undefined) return { holds: false, seen: `no open pull request to ${base}` };
  const seen = `#${request.number} ${request.title}, at ${request.headSha}, and ${others.length} others`;
  return { holds: others.length === 0 && fits(request), seen };
}

/** Whether no pull request at all is open. */
export async function noneOpen(scene: StoryScene): Promise<Sight> {
  const open = (await pullRequests(scene)).filter(({ state }) => state === "open");
  return { holds: open.length === 0, seen: open.map(({ title }) => title).join(", ") };
}

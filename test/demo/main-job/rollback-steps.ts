import { type Checks, type Sight, StepFailed } from "../check.ts";
import { setImageTag } from "../repository.ts";
import type { Scene } from "../scene.ts";
import { deploymentState, environmentState, readyAt, replicaSetOf, storefront } from "../shop.ts";
import { observeServing } from "./serving.ts";

/** Polls of Git after which a bad commit would long have been tried again: three for each Environment. */
const pollsAfter = 6;

/** A bad commit: tried, found out, taken back, and left alone. */
export async function breakAndRollBack(scene: Scene): Promise<void> {
  const { cluster, tree, narrator, checks, signal } = scene;
  const good = await environmentState(cluster.admin, "production", signal);
  const { image, wanted } = await deploymentState(cluster.admin, storefront, signal);
  const old = await replicaSetOf(cluster.admin, image, signal);
  if (old === undefined) throw new StepFailed(`a ReplicaSet that runs ${image}`, "none");
  const serving = await observeServing(cluster.admin, old, signal);
  narrator.act('git commit -m "Storefront, with a typing error" && git push');
  const commit = await tree.commit(await setImageTag(tree, "storefront", "missing"), "Storefront, with a typing error");
  const pushed = Date.now();
  await checks.becomes(
    "the broken version is tried in the cluster",
    async () => {
      const tried = await replicaSetOf(cluster.admin, image.replace(/:[^:]*$/, ":missing"), signal);
      return { holds: tried !== undefined, seen: "no ReplicaSet of it" };
    },
    pushed,
  );
  await checks.becomes(
    "its cause of failure is known, and the environment has returned to the version before",
    async () => {
      const { ready, failedRevision } = await environmentState(cluster.admin, "production", signal);
      const holds =
        ready.reason === "RolledBack" && failedRevision.endsWith(commit) && ready.message.includes("ImagePullBackOff");
      return { holds, seen: `Ready=${ready.status} ${ready.reason}: ${ready.message}` };
    },
    pushed,
  );
  const { ready, healthyRevision } = await environmentState(cluster.admin, "production", signal);
  narrator.quote(ready.message);
  checks.is("the last healthy revision is the one before", {
    holds: healthyRevision === good.healthyRevision,
    seen: healthyRevision,
  });
  await staysAway(scene, image);
  const { fewest, states } = await serving.end(signal);
  checks.is(
    `the old version never stopped serving: ${wanted} of ${wanted} ready all the time (${states} states seen)`,
    {
      holds: fewest >= wanted,
      seen: `only ${fewest} of ${wanted} ready at one time`,
    },
  );
}

/** Nobody tries the bad commit again, however often Git is asked. */
async function staysAway({ cluster, git, checks, signal }: Scene, image: string): Promise<void> {
  const { generation } = await deploymentState(cluster.admin, storefront, signal);
  const polled = git.requests.length;
  await checks.becomes("the bad commit is not tried again", async () => {
    const state = await deploymentState(cluster.admin, storefront, signal);
    if (state.generation !== generation || state.image !== image) throw new StepFailed(`${image} to stay`, state.words);
    const asked = git.requests.length - polled;
    return { holds: asked >= pollsAfter && state.settled, seen: `Git asked ${asked} times; ${state.words}` };
  });
}

/** The next commit goes forward from there. */
export async function rollForward(scene: Scene): Promise<void> {
  const { cluster, tree, narrator, checks, signal } = scene;
  narrator.act('git commit -m "Storefront 1.29" && git push');
  const commit = await tree.commit(await setImageTag(tree, "storefront", "1.29-alpine"), "Storefront 1.29");
  const pushed = Date.now();
  const look = async () => readyAt(await environmentState(cluster.admin, "production", signal), commit);
  await checks.becomes(`production is healthy at commit ${commit.slice(0, 7)}`, look, pushed);
  const { image, settled, words } = await deploymentState(cluster.admin, storefront, signal);
  checks.is("all three replicas run 1.29", { holds: settled && image.endsWith(":1.29-alpine"), seen: words });
  await stagingUntouched(scene, checks);
}

/** Staging follows a branch of its own, to which nothing was pushed since the start. */
async function stagingUntouched({ cluster, tree, signal }: Scene, checks: Checks): Promise<void> {
  const [first = ""] = (await tree.git("rev-list", "--max-parents=0", "HEAD")).split("\n");
  const sight: Sight = readyAt(await environmentState(cluster.admin, "staging", signal), first);
  checks.is("staging, on its own branch, is healthy at its first commit", sight);
}

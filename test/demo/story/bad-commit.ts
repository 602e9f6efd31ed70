import { environmentState } from "../shop.ts";
import { commitTag } from "./commit-tag.ts";
import { branchHead, merge, pullRequests } from "./pull-requests.ts";
import type { StoryScene } from "./scene.ts";
import { commitSays, healthyAt, noneOpen, oneOpenTo, openTo, promotionIs, runs } from "./sights.ts";

/** A bad commit: tried in staging, taken back, and shown to nobody as fit for production. */
export async function breakStaging(scene: StoryScene): Promise<void> {
  const { cluster, tree, narrator, checks, signal } = scene;
  const good = await tree.git("rev-parse", "HEAD");
  const bad = await commitTag(scene, "missing", "Storefront, with a typing error");
  const pushed = Date.now();
  await checks.becomes(
    "its cause of failure is known, and staging has returned to the version before",
    async () => {
      const { ready, failedRevision } = await environmentState(cluster.admin, "staging", signal);
      const holds =
        ready.reason === "RolledBack" && failedRevision.endsWith(bad) && ready.message.includes("ImagePullBackOff");
      return { holds, seen: `Ready=${ready.status} ${ready.reason}: ${ready.message}` };
    },
    pushed,
  );
  const { ready, healthyRevision } = await environmentState(cluster.admin, "staging", signal);
  narrator.quote(ready.message);
  checks.is("the last healthy revision is the one before", {
    holds: healthyRevision.endsWith(good),
    seen: healthyRevision,
  });
  checks.is("its storefront runs 1.28", await runs(scene, "staging", "1.28-alpine"));
  checks.is("production runs 1.28", await runs(scene, "production", "1.28-alpine"));
  await checks.becomes("the commit says so in Gitea: mooring/staging, failure, and why", () =>
    commitSays(scene, bad, "mooring/staging", "failure", "ImagePullBackOff"),
  );
  checks.is("nothing is proposed to production", {
    holds: (await openTo(scene, "production")).length === 0,
    seen: "an open pull request",
  });
}

/** The branch still has it: the way out is a pull request, too. */
export async function revert(scene: StoryScene): Promise<void> {
  const { tree, narrator, checks, person } = scene;
  const bad = await tree.git("rev-parse", "HEAD");
  await checks.becomes("a pull request to staging is open that takes the bad commit back", () =>
    oneOpenTo(scene, "staging", ({ body, title }) => `${title} ${body}`.includes(bad.slice(0, 7))),
  );
  const [request] = await openTo(scene, "staging");
  if (request === undefined) throw new Error("the pull request is gone");
  narrator.quote(`#${request.number} ${request.title}, by ${request.author}`);
  await tree.git("fetch", "-q", "origin");
  const [reverted, before] = [
    await tree.git("rev-parse", `${request.headSha}^{tree}`),
    await tree.git("rev-parse", "HEAD~1^{tree}"),
  ];
  checks.is("its files are those of the version before, to the byte", { holds: reverted === before, seen: reverted });
  narrator.act(`${person.name} presses "Merge" on #${request.number}`);
  await merge(scene, request);
  const merged = Date.now();
  const head = await branchHead(scene, "staging");
  await checks.becomes("staging is healthy at the merge", () => healthyAt(scene, "staging", head), merged);
  await checks.becomes("there is nothing to promote: production has the same files", () =>
    promotionIs(scene, "UpToDate"),
  );
  checks.is("no pull request is open", await noneOpen(scene));
  await tree.git("fetch", "-q", "origin");
  const having = await tree.git("branch", "-r", "--contains", bad);
  checks.is("only staging has the bad commit in its past", {
    holds: having.split("\n").every((branch) => /origin\/(staging|mooring\/revert-)/.test(branch)),
    seen: having,
  });
  const all = await pullRequests(scene);
  checks.is("the bad commit was never proposed to production", {
    holds: all.every(({ base, headSha }) => base !== "production" || headSha !== bad),
    seen: JSON.stringify(all.map(({ number, base, headSha }) => ({ number, base, headSha }))),
  });
}

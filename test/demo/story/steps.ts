import { environmentRef } from "../../../src/cli/environment/environments.ts";
import { stringAt } from "../../../src/model/json/json.ts";
import { namespaces } from "../cluster.ts";
import type { Step } from "../scene.ts";
import { breakStaging, revert } from "./bad-commit.ts";
import { commitTag } from "./commit-tag.ts";
import { branchHead, merge, type PullRequest } from "./pull-requests.ts";
import { type StoryScene, webhookToken } from "./scene.ts";
import { attempted, commitSays, healthyAt, noneOpen, oneOpenTo, openTo, promotionIs, runs } from "./sights.ts";

/** From a push to production, and back: each step starts where the one before it ended. */
export const steps: readonly Step<StoryScene>[] = [
  { title: "Two environments, tied to two branches", play: tie },
  { title: "Gitea is to call when something is pushed", play: addWebhooks },
  { title: "A push: staging takes it, production does not", play: push },
  { title: "What is proven in staging is proposed to production", play: propose },
  { title: "A person merges: production takes it", play: mergeProposal },
  { title: "A bad commit: staging returns, and nothing is proposed", play: breakStaging },
  { title: "Its way out of the branch: a pull request that reverts it", play: revert },
];

async function tie(scene: StoryScene): Promise<void> {
  const { cluster, tree, narrator, checks, objects, signal } = scene;
  const commit = await tree.git("rev-parse", "HEAD");
  narrator.act(
    "kubectl apply -f examples/environment.yaml -f examples/promotion.yaml    # with the address of this Gitea",
  );
  const started = Date.now();
  const options = { dryRun: false, force: false, fieldManager: "kubectl" };
  for (const object of objects) await cluster.admin.apply(object, options, signal);
  for (const place of ["staging", "production"] as const) {
    await checks.becomes(`${place} is healthy`, () => healthyAt(scene, place, commit), started);
    checks.is(`its storefront runs 1.27, in ${namespaces[place]}`, await runs(scene, place, "1.27-alpine"));
  }
  await checks.becomes("the branches are the same: there is nothing to promote", () => promotionIs(scene, "UpToDate"));
  checks.is("no pull request is open", await noneOpen(scene));
}

/** The path of each hook is in the status of its Environment; where the agent listens is in its log. */
async function addWebhooks(scene: StoryScene): Promise<void> {
  const { cluster, agent, gitea, repository, narrator, checks, signal } = scene;
  const address = /"address":"([^"]+)"/.exec(agent.log())?.[1] ?? "";
  for (const place of ["staging", "production"] as const) {
    const readPath = async (): Promise<string> => {
      const environment = await cluster.admin.get(environmentRef(namespaces.agent, place), signal);
      return stringAt(environment, "status", "webhookPath") ?? "";
    };
    await checks.becomes(`the status of ${place} says which path to call`, async () => {
      const seen = await readPath();
      return { holds: seen.startsWith("/hook/"), seen };
    });
    await gitea.addPushWebhook(repository, `http://${address}${await readPath()}`, webhookToken);
  }
  narrator.act("Settings, Webhooks, Add Webhook: that path at the agent's address, and the token");
}

async function push(scene: StoryScene): Promise<void> {
  const { checks } = scene;
  const first = await branchHead(scene, "production");
  const commit = await commitTag(scene, "1.28-alpine", "Storefront 1.28");
  const pushed = Date.now();
  await checks.becomes(
    "the agent knows of it, long before it would ask",
    () => attempted(scene, "staging", commit),
    pushed,
  );
  await checks.becomes("staging is healthy at the commit", () => healthyAt(scene, "staging", commit), pushed);
  await checks.becomes("the commit says so in Gitea: mooring/staging, success", () =>
    commitSays(scene, commit, "mooring/staging", "success"),
  );
  checks.is("its storefront runs 1.28", await runs(scene, "staging", "1.28-alpine"));
  checks.is("production is where it was", await healthyAt(scene, "production", first));
  checks.is("its storefront runs 1.27", await runs(scene, "production", "1.27-alpine"));
}

async function propose(scene: StoryScene): Promise<void> {
  const { tree, narrator, checks } = scene;
  const commit = await tree.git("rev-parse", "HEAD");
  const isIt = ({ headSha }: PullRequest): boolean => headSha === commit;
  await checks.becomes("one pull request to production is open, at that very commit", () =>
    oneOpenTo(scene, "production", isIt),
  );
  const [request] = await openTo(scene, "production");
  const body = request?.body ?? "";
  narrator.quote(`#${request?.number} ${request?.title}, by ${request?.author}`);
  const says = (text: string | RegExp): boolean => (typeof text === "string" ? body.includes(text) : text.test(body));
  checks.is("it says what changes in production: the image of the storefront, from 1.27 to 1.28", {
    holds: says("1.27-alpine") && says("1.28-alpine") && says("storefront"),
    seen: body,
  });
  checks.is("it says by which commits and whose", {
    holds: says("Storefront 1.28") && says(commit.slice(0, 7)) && says(await tree.git("log", "-1", "--format=%an")),
    seen: body,
  });
  checks.is("it says what proves it: staging, healthy, since when", {
    holds: says("mooring-system/staging") && says(/since.*20\d\d-/i),
    seen: body,
  });
  await checks.becomes("the Promotion says so: Proposed", () => promotionIs(scene, "Proposed"));
}

async function mergeProposal(scene: StoryScene): Promise<void> {
  const { narrator, checks, person } = scene;
  const [request] = await openTo(scene, "production");
  if (request === undefined) throw new Error("the pull request is gone");
  narrator.act(`${person.name} presses "Merge" on #${request.number}`);
  await merge(scene, request);
  const merged = Date.now();
  const head = await branchHead(scene, "production");
  await checks.becomes("production is healthy at the merge", () => healthyAt(scene, "production", head), merged);
  checks.is("its storefront runs 1.28", await runs(scene, "production", "1.28-alpine"));
  await checks.becomes("there is nothing to promote any more", () => promotionIs(scene, "UpToDate"));
  checks.is("no pull request is open", await noneOpen(scene));
}

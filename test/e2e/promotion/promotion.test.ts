import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMooring } from "../../cli/run-mooring.ts";
import { createRealSops } from "../../seal/real-sops.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { auditedWrites, byAgents } from "../../support/control-plane/audit.ts";
import { type Gitea, startGitea } from "../../support/gitea/gitea.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { type GiteaPull, openScene, type PromotionScene } from "./promotion-scene.ts";

let world: World;
let gitea: Gitea;
let agent: AgentProcess;

/** How often the agent has looked at a Promotion and found nothing to do. */
async function looks(promotion: string): Promise<number> {
  const address = /"address":"([^"]+)"/.exec(agent.log())?.[1] ?? "";
  const metrics = await (await fetch(`${address.startsWith("http") ? "" : "http://"}${address}/metrics`)).text();
  const line = metrics
    .split("\n")
    .find(
      (each) =>
        each.startsWith("mooring_promotion_looks_total") && each.includes(`"${promotion}"`) && each.includes('"none"'),
    );
  return Number(line?.split(" ").at(-1) ?? 0);
}

/** What holds after a few more looks does not depend on when one asks. */
async function fewMoreLooks(promotion: string): Promise<void> {
  const before = await looks(promotion);
  await eventually(async () => (await looks(promotion)) > before + 3, { what: "more looks", timeout: 120_000 });
}

beforeAll(async () => {
  [world, gitea] = await Promise.all([startWorld({ auditLog: true }), startGitea()]);
  await gitea.createOrg("acme");
  agent = world.startAgent("--no-leader-election");
});
afterAll(async () => {
  await world?.stop();
  await gitea?.stop();
});

describe("from staging to production, merged by people", { timeout: 300_000 }, () => {
  let scene: PromotionScene;
  let proposed: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mooring-promotion-"));
    scene = await openScene(world, gitea, ["staging", "production"], { sops: await createRealSops(folder) });
  });
  afterAll(async () => {
    await scene?.tree.remove();
    await rm(folder, { recursive: true });
  });

  it("has nothing to do where the branch has what is proven", async () => {
    await scene.promotion("to-production", {
      from: { environmentRef: { name: "staging" } },
      to: { branch: "production", environmentRef: { name: "production" } },
    });
    await scene.reason("to-production", "UpToDate");
    expect(await scene.pulls()).toEqual([]);
  });

  it("opens one pull request that says what changes, with nothing of a commit's words alive in it", async () => {
    proposed = await scene.push("web:2", "Use web:2, closes #1 @admin <img src=x> | `a`");
    const pull = await scene.pull("production", ({ head }) => head.sha === proposed, "a pull request");
    expect(pull.head.ref).toBe("mooring/promote-mooring-system_to-production");
    expect(pull.title).toBe(`Promote staging to production (${proposed.slice(0, 7)})`);
    expect(pull.body).toContain("| `Deployment/production/web` | `web:1` | `web:2` |");
    expect(pull.body).toContain("update <code>Secret/production/token</code>");
    expect(pull.body).toContain("update <code>Secret/production/app</code>");
    expect(pull.body).not.toMatch(/value-of|hunter2|ENC\[/);
    expect(pull.body).toContain("### 1 commit\n");
    expect(pull.body).toContain("``  Use web:2, closes #1 @admin <img src=x> | `a`  ``".replaceAll("  ", " "));
    const evidence = (await scene.reason("to-production", "Proposed")).evidence;
    expect(evidence).toMatchObject({ environment: "mooring-system/staging", revision: `staging@sha1:${proposed}` });
    expect(pull.body).toContain(evidence?.digest);
    expect(pull.body).toContain(evidence?.since);
  });

  it("sets the same one to a newer proven revision", async () => {
    proposed = await scene.push("web:3");
    const pull = await scene.pull(
      "production",
      ({ head, body }) => head.sha === proposed && body.includes(proposed),
      "the pull request to be updated",
    );
    expect(pull.body).toContain("| `Deployment/production/web` | `web:1` | `web:3` |");
    expect(pull.body).toContain("### 2 commits\n");
    expect(await scene.pulls()).toHaveLength(1);
  });

  it("never proposes what was rolled back", async () => {
    const bad = await scene.push("web:missing");
    await world.condition("staging", "Ready", { reason: "RolledBack", revision: bad });
    await scene.reason("to-production", "NotProven", /not ready: revision staging@sha1:\w+ failed/);
    expect(await scene.branch("mooring/promote-mooring-system_to-production")).toBe(proposed);
    const pulls = await scene.pulls();
    expect(pulls).toHaveLength(1);
    expect(pulls[0]?.head.sha).toBe(proposed);
    proposed = await scene.push("web:4");
    const fits = ({ head, body }: GiteaPull) => head.sha === proposed && body.includes(proposed);
    await scene.pull("production", fits, "the next revision to be proposed");
  });

  it("what a person merges becomes healthy in production, and nothing is left to promote", async () => {
    const { number } = (await scene.reason("to-production", "Proposed", /proposes/)).pullRequest ?? {};
    // Gitea asks for patience while it works out whether it merges.
    const merge = () => scene.call("POST", `/pulls/${number}/merge`, { do: "merge" }).then(() => true);
    await eventually(merge, { what: "the merge", timeout: 60_000 });
    const merged = await scene.branch("production");
    const { history } = await world.condition("production", "Ready", { status: "True", revision: merged });
    // The plan that people read is the plan that ran.
    const { body } = await scene.pull("production", (pull) => pull.number === number, "the merged one");
    expect(body).toContain(`Digest: \`${history?.[0]?.digest}\``);
    const status = await scene.reason("to-production", "UpToDate");
    expect(status.pullRequest).toMatchObject({ number, state: "merged" });
  });

  it("closes what the branch has got by another way, and opens a new one for the next revision", async () => {
    const commit = await scene.push("web:5");
    const { number } = await scene.pull("production", ({ head }) => head.sha === commit, "a second pull request");
    await scene.reason("to-production", "Proposed");
    // The same files as another commit: Gitea does not take it for merged.
    await scene.tree.git("fetch", "-q", "origin", "production");
    const tree = (await scene.tree.git("rev-parse", `${commit}^{tree}`)).trim();
    const copy = (await scene.tree.git("commit-tree", tree, "-p", "FETCH_HEAD", "-m", "By hand")).trim();
    await scene.tree.git("push", "-q", "origin", `${copy}:refs/heads/production`);
    await scene.pull("production", (pull) => pull.number === number && pull.state === "closed", "it to be closed");
    expect(await scene.reason("to-production", "UpToDate")).toMatchObject({ pullRequest: { number, state: "closed" } });
    const next = await scene.push("web:6");
    const other = await scene.pull("production", ({ head }) => head.sha === next, "a third pull request");
    expect(other.number).not.toBe(number);
  });

  it("takes a person's no for an answer until there is a newer revision", async () => {
    const { pullRequest } = await scene.reason("to-production", "Proposed");
    await scene.call("PATCH", `/pulls/${pullRequest?.number}`, { state: "closed" });
    await scene.reason("to-production", "Declined");
    const before = (await scene.pulls()).length;
    const next = await scene.push("web:7");
    await scene.pull("production", (pull) => pull.head.sha === next && pull.state === "open", "the next one");
    expect(await scene.pulls()).toHaveLength(before + 1);
  });

  it("writes nothing at rest, neither to the cluster nor to the forge", async () => {
    await scene.reason("to-production", "Proposed", /proposes/);
    const told = async () => JSON.stringify([await scene.pulls(), await scene.status("to-production")]);
    const writes = async () =>
      byAgents(await auditedWrites(world.controlPlane)).filter(({ target }) => target.startsWith("promotions/"));
    const before = { told: await told(), writes: (await writes()).length };
    await fewMoreLooks("to-production");
    expect(await told()).toBe(before.told);
    expect(await writes()).toHaveLength(before.writes);
  });

  it("waits for a forge that is away, and concerns no rollout", async () => {
    const from = { environmentRef: { name: "staging" } };
    const to = { branch: "production", environmentRef: { name: "production" } };
    const away = {
      type: "gitea",
      url: "http://127.0.0.1:1",
      repository: scene.repository,
      secretRef: { name: "forge" },
    };
    await scene.promotion("to-production", { from, to, forge: away });
    await scene.reason("to-production", "ForgeFailed");
    const commit = await scene.push("web:8");
    await world.condition("staging", "Ready", { status: "True", revision: commit });
    await scene.promotion("to-production", { from, to });
    await scene.pull("production", ({ head }) => head.sha === commit, "the newest revision to be proposed");
  });

  describe("from a workstation", () => {
    const mooring = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      runMooring([...args, "--kubeconfig", world.controlPlane.kubeconfig], { env });
    const forge = () => ["--forge", "gitea", "--forge-url", gitea.url, "--repository", scene.repository];

    it("does what the Promotion does, and shows it first where asked", async () => {
      const { pullRequest, proposedRevision = "" } = await scene.reason("to-production", "Proposed", /proposes/);
      const short = proposedRevision.slice(0, "staging@sha1:0123456".length);
      const shown = await mooring(["promote", "staging", "production", "--dry-run"]);
      expect(shown.stderr).toBe("");
      expect(shown.stdout).toContain(`pull request #${pullRequest?.number} proposes revision ${short}\n`);
      expect(shown.stdout).toContain("# Promote staging to production (");
      expect(shown.stdout).toContain("### What changes in production\n");
      // To the letter, and so with the same digest: whoever runs it opens what the agent opens.
      const { body } = await scene.pull(
        "production",
        ({ number }) => number === pullRequest?.number,
        "the pull request",
      );
      expect(shown.stdout).toContain(body.trim());
      expect(body).toContain("the target can open all of them");
      expect(shown.code).toBe(0);
      const keyless = await mooring([
        "promote",
        "staging",
        "production",
        "--dry-run",
        "--controller-namespace",
        "default",
      ]);
      expect(keyless.stderr).toBe(
        "warning: there is no sealing key in default: sealed values are not checked, and the pull request says so\n  hint: the agent creates one when it starts; use --controller-namespace for another namespace\n",
      );
      expect(keyless.stdout).toContain("Sealed secrets were not checked");
      expect(keyless.stdout).toContain(/Digest: `\w+`/.exec(body)?.[0]);
      const done = await mooring(["promote", "staging", "production", "-o", "json"]);
      expect(JSON.parse(done.stdout)).toMatchObject({ reason: "Proposed", pullRequest });
      expect(done.code).toBe(0);
      const { stdout } = await mooring(["get", "promotions", "to-production"]);
      expect(stdout.split("\n")[1]).toContain(`#${pullRequest?.number}`);
    });

    it("needs no Promotion, opens one pull request however often it runs, and keeps the token to itself", async () => {
      await scene.tree.git("push", "-q", "origin", "HEAD~1:refs/heads/release");
      await gitea.untilPushed(scene.repository, "release", (await scene.tree.git("rev-parse", "HEAD~1")).trim());
      const args = ["promote", "staging", "release", "--path", "./overlays/production", ...forge()];
      const without = await mooring(args);
      expect(without.code).toBe(2);
      expect(without.stderr).toContain("there is no token for the forge");
      const env = { MOORING_FORGE_TOKEN: gitea.token };
      const soaking = await mooring([...args, "--soak", "24h"], env);
      expect(soaking.code).toBe(1);
      expect(soaking.stdout).toMatch(/^revision staging@sha1:\w{7} must stay healthy until /);
      const first = await mooring(args, env);
      expect(first.stderr).toBe("");
      expect(first.code).toBe(0);
      const again = await mooring(args, env);
      expect(again.code).toBe(0);
      const pulls = (await scene.pulls()).filter(({ base }) => base.ref === "release");
      expect(pulls.map(({ head }) => head.ref)).toEqual(["mooring/promote-mooring-system_staging-to-release"]);
      expect(first.stdout).toContain(`pull request #${pulls[0]?.number} proposes revision staging@sha1:`);
      for (const { stdout, stderr } of [first, again, soaking]) expect(`${stdout}${stderr}`).not.toContain(gitea.token);
    });
  });
});

describe("from qa over canary to live, merged by Mooring", { timeout: 300_000 }, () => {
  let scene: PromotionScene;
  const say = (sha: string, state: string) => scene.call("POST", `/statuses/${sha}`, { context: "ci", state });

  beforeAll(async () => {
    const postBuild = { substituteFrom: [{ kind: "Secret", name: "vars" }] };
    scene = await openScene(world, gitea, ["qa", "canary", "live"], { spec: { postBuild } });
    const protection = {
      rule_name: "canary",
      enable_status_check: true,
      status_check_contexts: ["ci"],
      enable_push: true,
    };
    await scene.call("POST", "/branch_protections", protection);
    await scene.promotion("to-canary", {
      from: { environmentRef: { name: "qa" } },
      to: { branch: "canary", environmentRef: { name: "canary" } },
      autoMerge: true,
    });
    await scene.promotion("to-live", {
      from: { environmentRef: { name: "canary" } },
      to: { branch: "live", path: "./overlays/live" },
      autoMerge: true,
      hold: true,
    });
    await scene.reason("to-canary", "UpToDate");
  });
  afterAll(() => scene?.tree.remove());

  it("merges when the check that the branch asks for has succeeded, not before, and not while it is held", async () => {
    const commit = await scene.push("web:2");
    const { number, body } = await scene.pull("canary", ({ head }) => head.sha === commit, "a pull request");
    expect(body).toContain("~ data.greeting: (masked) from web:1 -> (masked) from web:2");
    expect(body).not.toContain("open-sesame");
    await scene.reason("to-canary", "MergeBlocked", /checks are still running: ci/);
    await say(commit, "pending");
    await scene.reason("to-canary", "MergeBlocked", /checks are still running: ci/);
    const label = await scene.call<{ readonly id: number }>("POST", "/labels", {
      name: "mooring.dev/hold",
      color: "#ff0000",
    });
    await scene.call("POST", `/issues/${number}/labels`, { labels: [label.id] });
    await scene.reason("to-canary", "Held", /label mooring\.dev\/hold/);
    await say(commit, "success");
    await fewMoreLooks("to-canary");
    await scene.reason("to-canary", "Held");
    expect((await scene.pulls()).find((pull) => pull.number === number)?.merged).toBe(false);
    await scene.call("DELETE", `/issues/${number}/labels/${label.id}`);
    await scene.pull("canary", (pull) => pull.number === number && pull.merged, "it to be merged");
    await scene.reason("to-canary", "UpToDate");
  });

  it("goes on from there, and stops at the spec's hold", async () => {
    const canary = await scene.branch("canary");
    await world.condition("canary", "Ready", { status: "True", revision: canary });
    const pull = await scene.pull("live", ({ head }) => head.sha === canary, "a pull request to the next branch");
    expect(pull.body).toContain("What changes in ./overlays/live");
    await scene.reason("to-live", "Held", /spec\.hold/);
    await scene.promotion("to-live", {
      from: { environmentRef: { name: "canary" } },
      to: { branch: "live", path: "./overlays/live" },
      autoMerge: true,
      hold: false,
    });
    await scene.pull("live", ({ number, merged }) => number === pull.number && merged, "it to be merged");
    await world.condition("live", "Ready", { status: "True", revision: await scene.branch("live") });
  });

  it("merges nobody else's commit, and loses none", async () => {
    const commit = await scene.push("web:3");
    await scene.pull("canary", ({ head }) => head.sha === commit, "a pull request");
    await scene.reason("to-canary", "MergeBlocked", /checks are still running/);
    const tree = (await scene.tree.git("rev-parse", "HEAD^{tree}")).trim();
    const theirs = (await scene.tree.git("commit-tree", tree, "-p", commit, "-m", "Theirs")).trim();
    await scene.tree.git("push", "-q", "origin", `${theirs}:refs/heads/mooring/promote-mooring-system_to-canary`);
    await scene.reason("to-canary", "HeadMoved");
    await say(theirs, "success");
    await say(commit, "success");
    const next = await scene.push("web:4");
    await world.condition("qa", "Ready", { status: "True", revision: next });
    await fewMoreLooks("to-canary");
    const status = await scene.reason("to-canary", "HeadMoved");
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Stalled", status: "True" }));
    expect(await scene.branch("mooring/promote-mooring-system_to-canary")).toBe(theirs);
    const newest = await scene.pull("canary", () => true, "the pull request");
    expect(newest).toMatchObject({ merged: false, state: "open", head: { sha: theirs } });
  });
});

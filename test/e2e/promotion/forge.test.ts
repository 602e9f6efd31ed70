import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { runMooring } from "../../cli/run-mooring.ts";
import { type Front, startFront } from "../../source/transport/front.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { type Gitea, startGitea } from "../../support/gitea/gitea.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { type GiteaPull, openScene, type PromotionScene } from "./promotion-scene.ts";

interface Status {
  readonly context: string;
  readonly status: string;
  readonly description: string;
}

describe("an Environment that names its forge", { timeout: 300_000 }, () => {
  let world: World;
  let gitea: Gitea;
  let front: Front;
  let scene: PromotionScene;
  let agent: AgentProcess;
  let isDown = false;
  let good: string;
  let bad: string;

  beforeAll(async () => {
    [world, gitea] = await Promise.all([startWorld(), startGitea()]);
    await gitea.createOrg("acme");
    front = await startFront(gitea.url, (request, response) => {
      if (isDown && request.url?.startsWith("/api/") === true) response.writeHead(503).end();
      return isDown && request.url?.startsWith("/api/") === true;
    });
    agent = world.startAgent("--no-leader-election", "--cluster-name", "eu");
    const forge = { type: "gitea", url: front.url, repository: "acme/shop", secretRef: { name: "forge" } };
    scene = await openScene(world, gitea, ["shop"], { spec: { forge } });
    good = await scene.branch("shop");
  });
  afterAll(async () => {
    await scene?.tree.remove();
    await world?.stop();
    await front?.stop();
    await gitea?.stop();
  });

  const ours = (status: Status) => status.context === "mooring/eu/shop";
  /** All that was ever said of a commit, in whatever order. */
  const said = async (sha: string) => {
    const all = await scene.call<readonly Status[]>("GET", `/commits/${sha}/statuses?limit=50`);
    return all.filter(ours).map(({ status, description }) => `${status}: ${description}`);
  };
  const stands = async (sha: string, word: RegExp) => {
    const probe = async () => {
      const { statuses } = await scene.call<{ statuses: readonly Status[] | null }>("GET", `/commits/${sha}/status`);
      const found = (statuses ?? []).find(ours);
      return found !== undefined && word.test(`${found.status}: ${found.description}`);
    };
    await eventually(probe, { what: `${sha} to have the status ${word}`, timeout: 90_000 }).catch(
      async (thrown: unknown) => {
        throw new Error(`${thrown}\n${(await said(sha)).join("\n")}\n${agent.log().slice(-4000)}`);
      },
    );
  };
  const reverts = async () => (await scene.pulls()).filter(({ head }) => head.ref.startsWith("mooring/revert-"));
  const revertOf = (sha: string): Promise<GiteaPull> =>
    eventually(
      async () => (await reverts()).find((pull) => pull.head.ref === `mooring/revert-shop-${sha.slice(0, 7)}`),
      {
        what: `the pull request that reverts ${sha}`,
        timeout: 90_000,
      },
    );
  const rolledBack = (sha: string) => world.condition("shop", "Ready", { reason: "RolledBack", revision: sha });

  it("says of the commit that is healthy that it is", async () => {
    await stands(good, /^success: healthy$/);
  });

  it("says of a commit under way that it is, and of one that was left that it was", async () => {
    const slow = await scene.push("web:unready");
    await stands(slow, /^pending: being rolled out$/);
    good = await scene.push("web:2");
    await stands(good, /^success: healthy$/);
    await stands(slow, /^failure: left for another revision/);
  });

  it("rolls out while the forge is down, and tells it afterwards", async () => {
    isDown = true;
    good = await scene.push("web:3");
    await world.condition("shop", "Ready", { status: "True", revision: good });
    expect(await said(good)).toEqual([]);
    isDown = false;
    await stands(good, /^success: healthy$/);
  });

  it("says why a commit was rolled back, and proposes to go back from it", async () => {
    bad = await scene.push("web:missing");
    await rolledBack(bad);
    await stands(bad, /^failure: .*ImagePullBackOff/);
    await stands(good, /^success: healthy$/);
    const pull = await revertOf(bad);
    expect(pull).toMatchObject({ state: "open", base: { ref: "shop" } });
    expect(pull.title).toBe(`Go back to ${good.slice(0, 7)}: ${bad.slice(0, 7)} failed in mooring-system/shop`);
    expect(pull.body).toContain("web:missing");
    await scene.tree.git("fetch", "-q", "origin", pull.head.ref);
    expect(await scene.tree.git("diff", "--stat", good, "FETCH_HEAD")).toBe("");
    expect(await scene.tree.git("rev-parse", "FETCH_HEAD^")).toBe(bad);
  });

  it("knows after a restart what it has said, and says nothing twice", async () => {
    const before = [await said(good), await said(bad)];
    await agent.stop();
    const asked = () => front.requests.filter(({ url = "" }) => url.includes(`/commits/${bad}/status`)).length;
    const [askedBefore, writes] = [asked(), () => front.requests.filter(({ method }) => method !== "GET").length];
    const written = writes();
    agent = world.startAgent("--no-leader-election", "--cluster-name", "eu");
    const looked = () => front.requests.slice(-1)[0]?.url?.includes("/branches/shop") === true && asked() > askedBefore;
    await eventually(looked, { what: "the agent to ask what it has said", timeout: 60_000 });
    expect([await said(good), await said(bad)]).toEqual(before);
    expect(writes()).toBe(written);
    expect(await reverts()).toHaveLength(1);
  });

  it("takes a person's no for an answer", async () => {
    const { number } = await revertOf(bad);
    await scene.call("PATCH", `/pulls/${number}`, { state: "closed" });
    const run = await runMooring(["reconcile", "shop", "--timeout", "2m"], {
      env: { KUBECONFIG: world.controlPlane.kubeconfig },
    });
    expect(run.code).toBe(1);
    await rolledBack(bad);
    const ends = (await world.status("shop")).history?.filter(({ outcome }) => outcome === "RolledBack");
    expect(ends).toHaveLength(2);
    await stands(bad, /^failure: /);
    expect(await reverts()).toHaveLength(1);
    expect((await revertOf(bad)).state).toBe("closed");
  });

  it("closes its proposal when the branch has moved on", async () => {
    const worse = await scene.push("web:missing-2");
    await rolledBack(worse);
    const { number, head } = await revertOf(worse);
    good = await scene.push("web:4");
    await stands(good, /^success: healthy$/);
    const closed = async () => (await scene.pulls()).some((pull) => pull.number === number && pull.state === "closed");
    await eventually(closed, { what: "the pull request to be closed", timeout: 90_000 });
    const comments = await scene.call<readonly { body: string }[]>("GET", `/issues/${number}/comments`);
    expect(comments.map(({ body }) => body)).toEqual([`Branch \`shop\` has moved to \`${good.slice(0, 7)}\`.`]);
    const gone = async () => (await scene.tree.git("ls-remote", "origin", head.ref)) === "";
    await eventually(gone, { what: "its branch to go", timeout: 60_000 });
  });

  it("sets a status back when what was healthy falls ill, and forth when it recovers", async () => {
    await world.environment("shop", { ...(await specOf("shop")), drift: "report" });
    const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: "main", image: name }] } } } });
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" };
    const change = (name: string) =>
      world.admin.patch(
        ref,
        { type: "strategic", body: image(name) },
        { fieldManager: "somebody" },
        AbortSignal.timeout(30_000),
      );
    await change("web:missing-3");
    await stands(good, /^failure: unhealthy: Deployment.shop.web: /);
    await change("web:4");
    await stands(good, /^success: healthy$/);
  });

  const specOf = async (name: string) => {
    const object = await world.get("Environment", "mooring-system", name);
    return object?.spec as Readonly<Record<string, JsonObject>>;
  };

  /** Pushes an overlay that has this besides, or instead. */
  const pushOverlay = async (subject: string, more: string, resources = "ns.yaml, ../../base, more.yaml") => {
    const kustomization = `namespace: shop\nresources: [${resources}]\n`;
    const files = { "overlays/shop/kustomization.yaml": kustomization, "overlays/shop/more.yaml": more };
    const commit = await scene.tree.commit(files, subject);
    await gitea.untilPushed(scene.repository, "shop", commit);
    return commit;
  };

  it("says of commits that are refused, or that wait, why nothing was written of them", async () => {
    const spec = await specOf("shop");
    const more = (kind: string, body: string) =>
      `apiVersion: ${kind.includes("/") ? kind.replace(/\/[^/]*$/, "") : "v1"}\nkind: ${kind.replace(/^.*\//, "")}\nmetadata: {name: more}\n${body}\n`;
    const kept = (sha: string) => new RegExp(`^success: healthy, and kept while ${sha.slice(0, 7)} is not rolled out$`);
    const refused: readonly (readonly [subject: string, more: string, word: RegExp])[] = [
      ["Broken YAML", "a: [\n", /^failure: overlays\/shop\/more.yaml:/],
      ["A kind that is not known", more("example.com/v1/Widget", "spec: {}"), /^failure: .*Widget/],
      ["What the API server refuses", more("ConfigMap", "data: {a: 1}\nimmutable: 3"), /^failure: .*ConfigMap/],
      [
        "What cannot be opened",
        more("bitnami.com/v1alpha1/SealedSecret", "spec: {encryptedData: {a: AgBx}}"),
        /^failure: .*SealedSecret/,
      ],
    ];
    for (const [subject, text, word] of refused) {
      const sha = await pushOverlay(subject, text);
      await stands(sha, word);
      await stands(good, kept(sha));
      expect((await world.status("shop")).lastAttemptedRevision).toContain(sha);
      const why = await runMooring(["why", "shop"], { env: { KUBECONFIG: world.controlPlane.kubeconfig } });
      expect(why.stdout).toContain(sha.slice(0, 7));
    }
    const guard = { ...spec.deletionGuard, kinds: ["ConfigMap"] };
    await world.environment("shop", { ...spec, deletionGuard: guard });
    const held = await pushOverlay("Drop one", more("Secret", ""), "ns.yaml, ../../base/web.yaml, more.yaml");
    await stands(held, /^(pending: waits for an approval|failure: )/);
    const closed = { allow: `0 0 15 ${((new Date().getUTCMonth() + 6) % 12) + 1} *`, duration: "1m" };
    await world.environment("shop", { ...spec, schedule: [closed] });
    const late = await pushOverlay("Outside of the schedule", more("Secret", ""));
    await stands(late, /^pending: .* waits for the schedule, which opens at /);
    await stands(good, kept(late));
    await world.admin.apply(
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "signers", namespace: "mooring-system" },
        stringData: {
          "someone.pub": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
        },
      },
      { dryRun: false, force: true, fieldManager: "test" },
      AbortSignal.timeout(30_000),
    );
    const verify = { mode: "head", secretRef: { name: "signers" } };
    await world.environment("shop", { ...spec, source: { ...spec.source, verify } });
    const unsigned = await pushOverlay("Nobody signed it", more("Secret", ""));
    await stands(unsigned, /^failure: .*sign/);
    await world.environment("shop", spec);
    await stands(unsigned, /^success: healthy$/);
    good = unsigned;
    expect((await world.status("shop")).refusedRevision).toBeUndefined();
  });

  it("brings an earlier revision back by pull request when a person asks for it", async () => {
    const [begin = ""] = (await scene.tree.git("rev-list", "--max-parents=0", "shop")).split("\n");
    const env = { KUBECONFIG: world.controlPlane.kubeconfig };
    const run = await runMooring(["rollback", "shop", "--to", begin, "--pr"], { env });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const pull = (await scene.pulls()).find(({ head }) => head.ref === `mooring/restore-shop-${begin.slice(0, 7)}`);
    expect(run.stdout.trim()).toMatch(new RegExp(`/acme/shop/pulls/${pull?.number}$`));
    expect(pull).toMatchObject({
      state: "open",
      base: { ref: "shop" },
      title: `Go back to ${begin.slice(0, 7)} in shop`,
    });
    await scene.tree.git("fetch", "-q", "origin", pull?.head.ref ?? "");
    expect(await scene.tree.git("diff", "--stat", begin, "FETCH_HEAD")).toBe("");
    expect(await scene.tree.git("rev-parse", "FETCH_HEAD^")).toBe(good);
    const again = await runMooring(["rollback", "shop", "--to", begin, "--pr"], { env });
    expect(again.stdout).toBe(run.stdout);
    const status = await world.status("shop");
    expect(status.lastAppliedRevision).toContain(good);
    expect(
      (await world.get("Environment", "mooring-system", "shop"))?.metadata.annotations?.["mooring.dev/pin"],
    ).toBeUndefined();
  });

  it("never shows the token", () => {
    expect(agent.log()).not.toContain(gitea.token);
  });
});

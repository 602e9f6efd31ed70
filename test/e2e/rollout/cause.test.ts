import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentStatus, StatusProblem } from "../../../src/api/environment/environment-status.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { waitUntilServed } from "../../../src/rollout/wait/until-served.ts";
import { thingDefinition } from "../../cluster/objects.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type Wanted, type World } from "../../support/world.ts";
import { commitFolder, deployment, following, namespace } from "../shop.ts";

const signal = new AbortController().signal;
const patience = 300_000;

/** A Job that fails at once, whose container logs these lines. */
function failingJob(name: string, where: string, lines: readonly string[]): string {
  const containers = [{ name: "main", image: "tool:fail", args: lines }];
  const template = { spec: { restartPolicy: "Never", containers } };
  const metadata = { name, namespace: where };
  return JSON.stringify({ apiVersion: "batch/v1", kind: "Job", metadata, spec: { backoffLimit: 0, template } });
}

/** May do all that the environments here need, but read logs. */
const deafDeployer: readonly KubeObject[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "deaf", namespace: "mooring-system" } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "deaf" },
    rules: [
      { apiGroups: [""], resources: ["namespaces", "pods", "events"], verbs: ["*"] },
      { apiGroups: ["apps", "batch"], resources: ["*"], verbs: ["*"] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "deaf" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "deaf" },
    subjects: [{ kind: "ServiceAccount", name: "deaf", namespace: "mooring-system" }],
  },
];

describe("the cause of a failure", { timeout: 600_000 }, () => {
  let world: World;
  let tree: WorkTree;
  let url: string;

  beforeAll(async () => {
    world = await startWorld();
    for (const object of deafDeployer) await world.admin.apply(object, { dryRun: false, force: true }, signal);
    world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  const commit = (name: string, files: Readonly<Record<string, string>>) =>
    commitFolder(tree, name, { "namespace.yaml": namespace(name), ...files });
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, { ...following(url, name), timeout: "5m", ...more });
  /** A crash is certain after four restarts, between which the kubelet waits ever longer. */
  const condition = (name: string, type: string, wanted: Wanted) => world.condition(name, type, wanted, patience);
  const message = (status: EnvironmentStatus) => status.conditions?.find(({ type }) => type === "Ready")?.message ?? "";

  /**
   * What failed about a revision that has something to log. Logs are waited for two seconds; a machine that is too busy for
   * that gets another revision.
   */
  async function failureWithLog(
    name: string,
    files: (attempt: number) => Readonly<Record<string, string>>,
  ): Promise<{ readonly status: EnvironmentStatus; readonly problem: StatusProblem }> {
    for (let attempt = 1; ; attempt++) {
      const sha = await commit(name, files(attempt));
      const status = await condition(name, "Stalled", { status: "True", revision: sha });
      const problem = status.failedProblems?.[0];
      if (problem?.logs !== undefined) return { status, problem };
      if (attempt === 5) throw new Error(`no log in ${JSON.stringify(status)}`);
    }
  }

  it("names file, object, pod and container, and ends with what the container logged last", async () => {
    await commit("crash", { "web.yaml": deployment("web", "web:1", { namespace: "crash" }) });
    await create("crash");
    await condition("crash", "Ready", { status: "True" });
    const { status, problem } = await failureWithLog("crash", (attempt) => ({
      "web.yaml": deployment("web", `web:crash-${attempt}`, { namespace: "crash" }),
    }));
    expect(problem).toMatchObject({
      object: "Deployment/crash/web",
      file: "crash/web.yaml",
      logs: ["starting", "fatal: cannot reach db:5432"],
    });
    expect(problem.message).toMatch(
      /^CrashLoopBackOff: pod web-\w+-\w+, container main: exited with code 1 \(\d+ restarts\)$/,
    );
    expect(message(status)).toContain(
      `: ${problem.message}; its log ends: fatal: cannot reach db:5432; rolled back to`,
    );
    const type = await world.admin.resource("v1", "Event", signal);
    const told = async () => {
      if (type === undefined) return undefined;
      const { items } = await world.admin.list(type, { namespace: "mooring-system" }, signal);
      return items
        .map((event) => String(event.message))
        .find((text) => text.endsWith("\nstarting\nfatal: cannot reach db:5432"));
    };
    expect(await eventually(told, { what: "the event", timeout: patience })).toContain("web.yaml");
  });

  it("never quotes the environment's Secrets, plain or in base64", async () => {
    const password = "c4nary-in-a-log";
    const token = "c4nary-in-a-variable";
    const variables = { name: "variables", namespace: "mooring-system" };
    const secret = { apiVersion: "v1", kind: "Secret", metadata: variables, stringData: { TOKEN: token } };
    await world.admin.apply(secret, { dryRun: false, force: true }, signal);
    const metadata = { name: "db", namespace: "hidden" };
    const stringData = { password, url: `postgres://shop:${password}-of-a-url@db/shop` };
    const lines = [
      "starting",
      `password is ${password}`,
      `encoded ${btoa(password)}`,
      `basic ${btoa(`m:${password}`)}`,
      `token \${TOKEN}`,
      `url postgres://shop:${password}-of-a-url@db/shop`,
      "no way in",
    ];
    await create("hidden", { postBuild: { substituteFrom: [{ kind: "Secret", name: "variables" }] } });
    const { status, problem } = await failureWithLog("hidden", (attempt) => ({
      "secret.yaml": JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData }),
      "job.yaml": failingJob(`work-${attempt}`, "hidden", lines),
    }));
    expect(problem.logs).toEqual(["starting", "password is ***", "encoded ***", "token ***", "url ***", "no way in"]);
    expect(JSON.stringify(status)).not.toContain("c4nary");
  });

  it("is told without a log to who may not read logs", async () => {
    await create("deaf", { serviceAccountName: "deaf" });
    const sha = await commit("deaf", { "job.yaml": failingJob("work", "deaf", ["starting", "no way in"]) });
    const status = await condition("deaf", "Stalled", { status: "True", revision: sha });
    expect(status.failedProblems).toEqual([
      {
        object: "Job/deaf/work",
        file: "deaf/job.yaml",
        line: 1,
        message: expect.stringMatching(/^BackoffLimitExceeded: pod work-/),
      },
    ]);
  });

  it("is a definition that is not accepted, in the API server's words", async () => {
    await world.admin.apply(thingDefinition("taken.example"), { dryRun: false, force: true }, signal);
    await eventually(() => world.admin.resource("taken.example/v1", "Thing", signal), {
      what: "the kind to be served",
    });
    const names = { plural: "others", singular: "other", kind: "Other", listKind: "ThingList" };
    const { spec, ...rest } = thingDefinition("taken.example");
    const other = { ...rest, metadata: { name: "others.taken.example" }, spec: { ...(spec as JsonObject), names } };
    await create("taken");
    const sha = await commit("taken", { "crd.yaml": JSON.stringify(other) });
    const status = await condition("taken", "Stalled", { status: "True", reason: "HealthFailed", revision: sha });
    expect(status.failedProblems).toEqual([
      {
        object: "CustomResourceDefinition/others.taken.example",
        file: "taken/crd.yaml",
        line: 1,
        message: 'ListKindConflict: "ThingList" is already in use',
      },
    ]);
  });

  it("is, at the deadline, a definition whose kind is not served", async () => {
    const object = thingDefinition("never.example");
    const id = { group: "apiextensions.k8s.io", kind: object.kind, namespace: "", name: object.metadata.name };
    const manifest = { id, object, origin: { file: "crd.yaml", chain: [] }, sensitive: false, digest: "" };
    await expect(waitUntilServed(world.admin, [manifest], AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: "HealthTimeout",
      message: `crd.yaml: CustomResourceDefinition/things.never.example: Thing is not served in never.example/v1 yet`,
    });
  });
});

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connect, type ObjectRef } from "../../../src/cluster/index.ts";
import { listAt, numberAt, objectAt, stringAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { type SshServer, startSshServer } from "../../source/transport/ssh-server.ts";
import { type AgentProcess, startAgent } from "../../support/agent/agent-process.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { git } from "../../support/git/git-command.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { mooringSource, type Run, runMooring } from "../run-mooring.ts";

const signal = new AbortController().signal;
const namespace = "mooring-system";
const deployment: ObjectRef = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "mooring-agent" };
const environment: ObjectRef = { apiVersion: "mooring.dev/v1alpha1", kind: "Environment", namespace, name: namespace };
const secret: ObjectRef = { apiVersion: "v1", kind: "Secret", namespace, name: "git-auth" };

/** Where the agent is installed. */
const home: ObjectRef = { apiVersion: "v1", kind: "Namespace", name: namespace };

/** What the first run left, and what was there when it asked for its key to be let in. */
interface FirstRun {
  readonly code: number | null;
  readonly output: string;
  readonly podsBefore: readonly (string | undefined)[];
  readonly head: string;
}

/** Its name is free for all to use. */
const secretOfOthers = { apiVersion: "v1", kind: "Secret", metadata: { name: "git-auth", namespace } };

test("bootstrap says what it needs to be told", async () => {
  const { code, stderr } = await runMooring(["bootstrap", "--path", "clusters/production"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--url and --path");
  const wrong = await runMooring(["bootstrap", "--path", "clusters/production", "--url", "ftp://git.example.com/a"]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("not the URL of a Git repository") });
});

describe.skipIf(goMissing() !== undefined)("mooring bootstrap (skipped without Go)", { timeout: 300_000 }, () => {
  let directory: string;
  let plane: ControlPlane;
  let admin: Cluster;
  let ssh: SshServer;
  let http: GitServer;
  let agent: AgentProcess | undefined;
  let unknownHost: Run & { readonly installed: KubeObject | undefined };
  let gitAway: Run & { readonly installed: KubeObject | undefined };
  let withSecretOfOthers: Run;
  let first: FirstRun;
  const authorized: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-bootstrap-test-"));
    await git(directory, "init", "-q", "--bare", "fleet.git");
    for (const name of ["host", "user"]) {
      await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)]);
    }
    authorized.push(await readFile(join(directory, "user.pub"), "utf8"));
    const hostKeys = [await readFile(join(directory, "host"), "utf8")];
    ssh = await startSshServer({ hostKeys, authorized: () => authorized, acceptEnv: true });
    const hostKey = await readFile(join(directory, "host.pub"), "utf8");
    await writeFile(join(directory, "known_hosts"), `[127.0.0.1]:${ssh.port} ${hostKey}`);
    http = await startGitServer({ username: "ci", password: "t0ken-of-ci" });
    plane = await startControlPlane();
    admin = await connect({ from: "files", paths: [plane.kubeconfig] });
    const args = bySsh().filter((arg) => arg !== "--known-hosts" && arg !== join(directory, "known_hosts"));
    unknownHost = { ...(await bootstrap(args)), installed: await admin.get(home, signal) };
    const gone = bySsh().map((arg) => (arg === sshUrl() ? arg.replace(`${directory}/fleet.git`, "/gone.git") : arg));
    gitAway = { ...(await bootstrap(gone)), installed: await admin.get(home, signal) };
    await admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, signal);
    await admin.create({ ...secretOfOthers, data: { username: "Y2k=", password: "c2VjcmV0" } }, signal);
    withSecretOfOthers = await bootstrap(bySsh());
    await admin.delete(secret, { propagation: "Background" }, signal);
    first = await firstRun();
  });
  afterAll(async () => {
    await agent?.stop();
    await admin?.close();
    await Promise.all([plane?.stop(), ssh?.stop(), http?.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  /** How the user's own git gets in. */
  const userGit = () => ({
    GIT_SSH_COMMAND: `ssh -F none -i ${join(directory, "user")} -o IdentitiesOnly=yes -o UserKnownHostsFile=${join(directory, "known_hosts")}`,
    GIT_CONFIG_NOSYSTEM: "1",
  });
  const sshUrl = () => `ssh://git@127.0.0.1:${ssh.port}${directory}/fleet.git`;
  const bySsh = (...args: readonly string[]) => [
    ...["bootstrap", "--kubeconfig", plane.kubeconfig, "--url", sshUrl()],
    ...["--path", "./clusters/production/", "--known-hosts", join(directory, "known_hosts"), ...args],
  ];
  const bootstrap = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runMooring(args, { env: { ...userGit(), ...env } });
  const pods = async () => {
    const type = await admin.resource("v1", "Pod", signal);
    if (type === undefined) throw new Error("no pods");
    return (await admin.list(type, { namespace }, signal)).items.map(({ metadata }) => metadata.uid);
  };
  const image = async () => {
    const containers = listAt(await admin.get(deployment, signal), "spec", "template", "spec", "containers");
    return stringAt(containers[0], "image");
  };

  /** Adds the deploy key only after the repository was seen to refuse it, and starts the agent beside its Deployment. */
  const firstRun = async (): Promise<FirstRun> => {
    const env = { ...process.env, HOME: "/nonexistent", NO_COLOR: "1", ...userGit() };
    const child = spawn(process.execPath, [mooringSource, ...bySsh()], { env });
    const ended = once(child, "close");
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(String(chunk)));
    // What ended early has nothing more to say: the tests show it.
    const find = (pattern: RegExp) => () => pattern.exec(chunks.join(""))?.[1] ?? (child.exitCode !== null && "ended");
    const timeout = 180_000;
    const key = await eventually(find(/^ {2}(ssh-ed25519 \S+) mooring-mooring-system$/m), { what: "the key", timeout });
    const podsBefore = await pods();
    await eventually(find(/(does not accept the key)/), { what: "the repository to refuse the key", timeout });
    authorized.push(key);
    agent = startAgent(await plane.kubeconfigFor(namespace, "mooring-agent"), "--no-leader-election");
    await ended;
    const head = await git(join(directory, "fleet.git"), "rev-parse", "main");
    return { code: child.exitCode, output: chunks.join(""), podsBefore, head };
  };

  test("trusts no SSH host that nothing vouches for, and says what it shows", async () => {
    const { code, stdout, stderr } = unknownHost;
    expect(code).toBe(1);
    const { stdout: printed } = await promisify(execFile)("ssh-keygen", ["-lf", join(directory, "host.pub")]);
    expect(stdout).toContain(printed.split(" ")[1]);
    expect(stderr).toContain("there is no known host key for 127.0.0.1");
    expect(unknownHost.installed).toBeUndefined();
  });

  test("installs nothing where Git does not answer with the repository", () => {
    const { code, stderr, installed } = gitAway;
    expect(code).toBe(1);
    expect(stderr).toContain("Could not read from remote repository");
    expect(stderr).toContain("hint: bootstrap uses your own git");
    expect(stderr).not.toMatch(/fatal:|Please make sure/);
    expect(installed).toBeUndefined();
  });

  test("leaves a Secret alone that somebody else made", () => {
    const { code, stderr } = withSecretOfOthers;
    expect(code).toBe(1);
    expect(stderr).toContain("Secret/mooring-system/git-auth: already exists with other content");
  });

  test("installs, commits, waits for its deploy key to be let in, and then the agent manages itself", async () => {
    const { code, output, podsBefore } = first;
    expect(output).toMatch(/\nenvironment\/mooring-system is ready at main@sha1:[0-9a-f]{7}\n$/);
    expect(code).toBe(0);
    expect(output).not.toContain("PRIVATE KEY");
    const owned = listAt(await admin.get(environment, signal), "status", "inventory", "entries");
    expect(owned.map((entry) => stringAt(entry, "id"))).toEqual(
      expect.arrayContaining([
        "mooring-system_mooring-agent_apps_Deployment",
        "_environments.mooring.dev_apiextensions.k8s.io_CustomResourceDefinition",
        "_mooring-system__Namespace",
        "mooring-system_mooring-system_mooring.dev_Environment",
      ]),
    );
    expect(await pods()).toEqual(podsBefore);
    const files = await git(join(directory, "fleet.git"), "ls-tree", "-r", "--name-only", first.head);
    expect(files.split("\n")).toEqual([
      "clusters/production/mooring-system/agent.yaml",
      "clusters/production/mooring-system/environment.yaml",
      "clusters/production/mooring-system/kustomization.yaml",
    ]);
  });

  test("makes no branch in a repository that has others", async () => {
    const { code, stderr } = await bootstrap(bySsh("--branch", "nowhere", "--timeout", "5s"));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("has no branch nowhere") });
  });

  test("a second run changes nothing", async () => {
    const head = await git(join(directory, "fleet.git"), "rev-parse", "main");
    const [before, keyBefore] = [await admin.get(environment, signal), await admin.get(secret, signal)];
    const { code, stdout, stderr } = await bootstrap(bySsh());
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("the agent is already managed from Git");
    expect(await git(join(directory, "fleet.git"), "rev-parse", "main")).toBe(head);
    const after = await admin.get(environment, signal);
    expect(numberAt(after, "metadata", "generation")).toBe(numberAt(before, "metadata", "generation"));
    expect(objectAt(after, "metadata", "annotations")).toEqual(objectAt(before, "metadata", "annotations"));
    expect(await admin.get(secret, signal)).toEqual(keyBefore);
  });

  test("check finds nothing wrong with an agent that manages itself", async () => {
    const { code, stdout } = await runMooring(["check", "--kubeconfig", plane.kubeconfig]);
    expect(stdout).not.toMatch(/ (warning|failed) /);
    expect(code).toBe(0);
  });

  test("install leaves an agent that manages itself to its repository", async () => {
    const { code, stderr } = await runMooring(["install", "--kubeconfig", plane.kubeconfig]);
    expect(code).toBe(1);
    expect(stderr).toContain("the agent is managed from Git by the Environment mooring-system");
  });

  test("another run with another image upgrades the agent by a commit; what was edited beside stays", async () => {
    const work = await createWorkTree(join(directory, "fleet.git"));
    const kustomization = "clusters/production/mooring-system/kustomization.yaml";
    await work.git("pull", "-q", "origin", "main");
    const edited = `${await readFile(join(work.dir, kustomization), "utf8")}commonAnnotations: {example.com/team: platform}\n`;
    await work.commit({ [kustomization]: edited }, "Say whose it is");
    await work.remove();
    const { code, stderr } = await bootstrap(bySsh("--image", "registry.test/mooring:2"));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(await image()).toBe("registry.test/mooring:2");
    const annotations = objectAt(await admin.get(deployment, signal), "metadata", "annotations");
    expect(annotations).toMatchObject({ "example.com/team": "platform" });
  });

  test("an agent that does not become ready is rolled back", async () => {
    const before = await image();
    const { code, stderr } = await bootstrap(bySsh("--image", "registry.test/mooring:missing"));
    expect(code).toBe(1);
    expect(stderr).toContain("registry.test/mooring:missing");
    expect(stderr).toContain("rolled back");
    expect(await image()).toBe(before);
  });

  test("moves to a repository over HTTP, with a token that nobody gets to see", async () => {
    const url = await http.createRepo("fleet");
    const args = ["bootstrap", "--kubeconfig", plane.kubeconfig, "--url", url, "--path", "."];
    const wrong = await bootstrap([...args, "--username", "ci", "--token-env", "GIT_TOKEN"], { GIT_TOKEN: "wr0ng" });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("git ls-remote failed");
    expect(wrong.stdout + wrong.stderr).not.toContain("wr0ng");
    const file = join(directory, "token");
    await writeFile(file, "t0ken-of-ci\n");
    const { code, stdout, stderr } = await bootstrap([...args, "--username", "ci", "--token-file", file]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("mooring-system pushed to main at ");
    expect(stdout).not.toContain("t0ken");
    expect(stringAt(await admin.get(environment, signal), "spec", "source", "url")).toBe(url);
    expect(await image()).toBe("mooring:0.1.0");
    const again = await bootstrap([...args, "--username", "ci", "--token-file", file]);
    expect(again.stdout).toContain("secret/git-auth unchanged");
    expect(again.stdout).toContain("the agent is already managed from Git");
  });
});

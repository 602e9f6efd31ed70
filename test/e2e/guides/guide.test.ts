import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apiVersion } from "../../../src/api/names.ts";
import { type Cluster, connect } from "../../../src/cluster/index.ts";
import { type Json, listAt, stringAt } from "../../../src/model/json/json.ts";
import { mooringSource } from "../../cli/run-mooring.ts";
import { programMissing } from "../../source/available.ts";
import { type AgentProcess, startAgent } from "../../support/agent/agent-process.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { git } from "../../support/git/git-command.ts";
import type { GiteaUser } from "../../support/gitea/api.ts";
import { type Gitea, startGitea } from "../../support/gitea/gitea.ts";
import { eventually } from "../../support/wait.ts";

const minutes = 60_000;
const repository = "acme/environment";
const signal = new AbortController().signal;

/** Every shell block of the guide, in order. */
async function commandsOfTheGuide(): Promise<readonly string[]> {
  const page = await readFile(join(import.meta.dirname, "../../../docs/guide.md"), "utf8");
  return [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
}

describe.skipIf(programMissing("ssh", "-V") !== undefined)("the guide (skipped without ssh)", () => {
  let directory: string;
  let plane: ControlPlane;
  let admin: Cluster;
  let gitea: Gitea;
  let alice: GiteaUser;
  let robot: GiteaUser;
  let agent: AgentProcess | undefined;
  let folder: string;
  let said = "";

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-guide-"));
    folder = directory;
    agent = undefined;
    [plane, gitea] = await Promise.all([startControlPlane(), startGitea()]);
    admin = await connect({ from: "files", paths: [plane.kubeconfig] });
    await gitea.createOrg("acme");
    await gitea.createRepo(repository);
    alice = await gitea.createUser("alice", ["write:repository"]);
    robot = await gitea.createUser("mooring", ["write:repository", "write:issue"]);
    for (const { name } of [alice, robot]) await gitea.addCollaborator(repository, name, "write");
    await prepareHome();
  }, 10 * minutes);
  afterEach(async () => {
    await agent?.stop();
    await admin?.close();
    await Promise.all([plane?.stop(), gitea?.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  /** What the reader has: a key that the forge knows, its host in known_hosts, a name for commits, and `mooring`. */
  const prepareHome = async (): Promise<void> => {
    for (const name of ["bin", ".ssh"]) await mkdir(join(directory, name));
    const key = join(directory, ".ssh", "id_ed25519");
    await promisify(execFile)("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", key]);
    const publicKey = await readFile(`${key}.pub`, "utf8");
    await gitea.call("POST", `/admin/users/${alice.name}/keys`, { title: "laptop", key: publicKey });
    await writeFile(join(directory, ".ssh", "known_hosts"), `${gitea.knownHosts}\n`);
    await writeFile(join(directory, ".gitconfig"), "[user]\nname = Alice\nemail = alice@example.com\n");
    const program = `#!/bin/sh\nexec '${process.execPath}' '${mooringSource}' "$@"\n`;
    await writeFile(join(directory, "bin", "mooring"), program, { mode: 0o755 });
    await writeFile(join(directory, "token"), robot.token);
  };
  const environment = (): NodeJS.ProcessEnv => {
    const ssh = join(directory, ".ssh");
    const options = `-F none -i ${ssh}/id_ed25519 -o IdentitiesOnly=yes -o UserKnownHostsFile=${ssh}/known_hosts`;
    return {
      PATH: `${join(directory, "bin")}${delimiter}${process.env.PATH}`,
      TMPDIR: directory,
      HOME: directory,
      NO_COLOR: "1",
      KUBECONFIG: plane.kubeconfig,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_SSH_COMMAND: `ssh ${options}`,
    };
  };

  /** Runs a block as the reader would, where the block before it ended. */
  const run = async (block: string): Promise<void> => {
    const script = block
      .replaceAll("ssh://git@git.example.com", gitea.sshUrl)
      .replaceAll("https://git.example.com", gitea.url);
    const place = join(directory, "place");
    const shell = ["-euo", "pipefail", "-c", `${script}\npwd >${place}`];
    const child = spawn("bash", shell, { cwd: folder, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += String(chunk)));
    const ended = once(child, "close");
    await Promise.race([ended, addDeployKeyWhenAsked(() => child.exitCode !== null)]);
    await ended;
    expect(child.exitCode, `${block}\n${said}\n${agent?.log().slice(-3000)}`).toBe(0);
    folder = (await readFile(place, "utf8")).trim();
  };

  const addDeployKeyWhenAsked = async (over: () => boolean): Promise<void> => {
    const find = () => /^ {2}(ssh-ed25519 \S+)/m.exec(said)?.[1] ?? (over() && "over");
    const key = await eventually(find, { what: "the end of the commands", timeout: 10 * minutes });
    if (key !== "over") await gitea.addDeployKey(repository, key);
  };

  const ready = async (name: string): Promise<string> => {
    const object = await admin.get({ apiVersion, kind: "Environment", namespace: "mooring-system", name }, signal);
    const ready = listAt(object, "status", "conditions").find((each) => stringAt(each, "type") === "Ready");
    return `${stringAt(ready, "status")} ${stringAt(object, "status", "lastHealthyRevision")}`;
  };
  const image = async (namespace: string): Promise<string | undefined> => {
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace, name: "storefront" };
    const containers = listAt(await admin.get(ref, signal), "spec", "template", "spec", "containers");
    return stringAt(containers[0], "image");
  };
  /** By Git itself: the forge's API follows a moment later. */
  const head = async (branch: string): Promise<string> =>
    (await git(directory, "ls-remote", gitea.pushUrl(repository), `refs/heads/${branch}`)).split("\t")[0] ?? "";
  const openRequests = async () => {
    const answer = await gitea.call("GET", `/repos/${repository}/pulls?state=open`);
    return listAt({ answer }, "answer");
  };

  /** It was there before, with the commits before; its words follow its commits a moment later. */
  const mergeTheRequest = async (): Promise<void> => {
    const wanted = await head("staging");
    const fits = (request: Json): boolean =>
      stringAt(request, "head", "sha") === wanted &&
      /1\.27-alpine.*1\.28-alpine/s.test(stringAt(request, "body") ?? "");
    const request = await eventually(async () => (await openRequests()).find(fits), {
      what: `a pull request at ${wanted} with its plan`,
      timeout: 3 * minutes,
    }).catch((thrown: unknown) => {
      throw new Error(`${thrown}\n${agent?.log().slice(-6000)}`);
    });
    expect(await openRequests()).toHaveLength(1);
    expect(stringAt(request, "base", "ref")).toBe("production");
    const number = Object(request).number;
    const press = () =>
      gitea.call("POST", `/repos/${repository}/pulls/${number}/merge`, { Do: "merge" }, alice.token).then(() => true);
    await eventually(press, { what: "the merge", timeout: 2 * minutes });
  };

  /** The blocks by their first words, and what the reader does, or finds, after each. */
  const story: readonly (readonly [string, () => Promise<void>])[] = [
    [
      "mooring check --pre\nmooring install",
      async () => {
        agent = startAgent(await plane.kubeconfigFor("mooring-system", "mooring-agent"), "--no-leader-election");
      },
    ],
    ["mooring bootstrap", async () => expect(await ready("mooring-system")).toMatch(/^True staging@sha1:/)],
    ["git clone", async () => expect(said).toContain("namespace: shop-staging")],
    ["git add", async () => expect(await head("production")).toBe(await head("staging"))],
    ["for name in", async () => expect(said).toMatch(/^staging\b/m)],
    [
      "mooring reconcile staging",
      async () => {
        for (const name of ["staging", "production"]) {
          expect(await ready(name)).toBe(`True ${name}@sha1:${await head(name)}`);
          expect(await image(`shop-${name}`)).toMatch(/:1\.27-alpine$/);
        }
      },
    ],
    ["mooring secrets set", async () => expect(await ready("mooring-system")).toContain(await head("staging"))],
    [
      "sed -i",
      async () => {
        expect(await ready("staging")).toBe(`True staging@sha1:${await head("staging")}`);
        expect(await image("shop-staging")).toMatch(/:1\.28-alpine$/);
        expect(await image("shop-production")).toMatch(/:1\.27-alpine$/);
        await mergeTheRequest();
      },
    ],
    [
      "mooring reconcile production",
      async () => {
        expect(await ready("production")).toBe(`True production@sha1:${await head("production")}`);
        expect(await image("shop-production")).toMatch(/:1\.28-alpine$/);
      },
    ],
  ];

  test("leads from an empty cluster to the first promotion", { timeout: 15 * minutes }, async () => {
    const blocks = await commandsOfTheGuide();
    expect(blocks).toHaveLength(story.length);
    for (const [index, [beginning, afterwards]] of story.entries()) {
      const block = blocks[index] ?? "";
      expect(block.slice(0, beginning.length)).toBe(beginning);
      await run(block);
      await afterwards();
    }
  });
});

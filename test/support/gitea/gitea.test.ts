import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive } from "../../toolchain/lock.ts";
import { createWorkTree } from "../git/work-tree.ts";
import { listenOnFreePort } from "../process/listen.ts";
import { eventually } from "../wait.ts";
import { type Gitea, startGitea } from "./gitea.ts";

const minutes = 60_000;

interface Remains {
  readonly pids: readonly number[];
  readonly dir: string;
}

function nothingLeft({ pids, dir }: Remains): boolean {
  return !existsSync(dir) && !pids.some(isAlive);
}

let gitea: Gitea;

beforeAll(async () => {
  gitea = await startGitea();
});

afterAll(() => gitea.stop());

test("a repository of an organisation takes a push, and is nobody else's", async () => {
  await gitea.createOrg("acme");
  const url = await gitea.createRepo("acme/environment");
  expect(url).toBe(gitea.repoUrl("acme/environment"));
  await using tree = await createWorkTree(gitea.pushUrl("acme/environment"));
  const sha = await tree.commit({ "a.txt": "a" }, "A");
  await gitea.untilPushed("acme/environment", "main", sha);
  const eve = await gitea.createUser("eve", ["write:repository"]);
  const refused = gitea.call("GET", "/repos/acme/environment", undefined, eve.token);
  await expect(refused).rejects.toMatchObject({ status: 404 });
  await gitea.addCollaborator("acme/environment", "eve", "read");
  expect(await gitea.call("GET", "/repos/acme/environment", undefined, eve.token)).toMatchObject({ private: true });
});

test("a protected branch refuses a push", async () => {
  const repository = `${gitea.admin}/protected`;
  await gitea.createRepo(repository);
  await using tree = await createWorkTree(gitea.pushUrl(repository));
  await tree.commit({ "a.txt": "a" }, "A");
  await gitea.protectBranch(repository, "main", { enable_push: false });
  await expect(tree.commit({ "a.txt": "b" }, "B")).rejects.toThrow(/protected branch/);
});

test("a push is told to its webhook", { timeout: 2 * minutes }, async () => {
  const repository = `${gitea.admin}/hooked`;
  await gitea.createRepo(repository);
  const told: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      told.push(`${request.headers["x-gitea-event"]} ${(JSON.parse(body) as { readonly after: string }).after}`);
      response.end();
    });
  });
  const port = await listenOnFreePort(server);
  await gitea.addPushWebhook(repository, `http://127.0.0.1:${port}/`, "secret");
  await using tree = await createWorkTree(gitea.pushUrl(repository));
  const sha = await tree.commit({ "a.txt": "a" }, "A");
  await eventually(() => told.length > 0, { what: "the webhook to be called", timeout: minutes });
  expect(told).toEqual([`push ${sha}`]);
  server.close();
});

test("nothing is left after stop, which may be called twice", { timeout: 3 * minutes }, async () => {
  const other = await startGitea();
  expect(other.pids).toHaveLength(2);
  expect(nothingLeft(other)).toBe(false);
  await other.stop();
  await other.stop();
  expect(nothingLeft(other)).toBe(true);
});

test("nothing is left when its owner, its host or the server is killed", { timeout: 3 * minutes }, async () => {
  const script = join(import.meta.dirname, "owner.ts");
  const owner = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const said = once(createInterface({ input: owner.stdout }), "line");
  const others = await Promise.all([startGitea(), startGitea()]);
  const [line] = await said;
  const remains = [JSON.parse(line) as Remains, ...others];
  owner.kill("SIGKILL");
  for (const [index, { pids }] of others.entries()) process.kill(pids[index] ?? Number.NaN, "SIGKILL");
  await eventually(() => remains.every(nothingLeft), { what: "every process and file to be gone", timeout: minutes });
});

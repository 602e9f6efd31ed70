import { execFile, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree } from "../../support/git/work-tree.ts";

const run = promisify(execFile);
const megabyte = 1024 ** 2;

/** Fetches a small repository, then a large one, reads one folder of it, and prints by how many bytes the process has grown at most. */
const program = `
import { anonymous, createSourcePool } from ${JSON.stringify(resolve(import.meta.dirname, "../../../src/source/index.ts"))};
const pool = createSourcePool({ userAgent: "mooring/test", timeoutMs: 500_000 });
const fetch = (url) => pool.fetch({ url, ref: { branch: "main" } }, anonymous, AbortSignal.timeout(500_000));
await fetch(process.argv[1]);
const before = process.resourceUsage().maxRSS * 1024;
const fetched = await fetch(process.argv[2]);
for (const name of await fetched.tree.list("app")) await fetched.tree.read("app/" + name);
console.log(process.resourceUsage().maxRSS * 1024 - before);
await pool.close();
`;

it("a repository of 500 MB costs less than 100 MB of memory", async () => {
  await using server = await startGitServer();
  await server.createRepo("large");
  await fill(server.folder("large"), 500);
  await using small = await createWorkTree(await server.createRepo("small"));
  await small.commit({ "app/web.yaml": "kind: Service\n" }, "Small");
  const urls = [server.repoUrl("small"), server.repoUrl("large")];
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program, ...urls]);
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThan(100 * megabyte);
}, 600_000);

/** Makes a commit of so many files of a megabyte that nothing can make smaller, and one small folder. */
async function fill(repository: string, files: number): Promise<void> {
  const options = ["-c", "core.compression=0", "-c", "pack.depth=0", "fast-import", "--quiet"];
  const git = spawn("git", options, { cwd: repository, stdio: ["pipe", "ignore", "inherit"] });
  const exit = once(git, "exit");
  await pipeline(Readable.from(importStream(files)), git.stdin);
  expect(await exit).toEqual([0, null]);
}

/** What git-fast-import(1) reads. */
function* importStream(files: number): Generator<Buffer> {
  const data = (content: Buffer) =>
    Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from("\n")]);
  yield Buffer.from("commit refs/heads/main\ncommitter Test <test@example.com> 1700000000 +0000\n");
  yield data(Buffer.from("Large\n"));
  yield Buffer.from("M 100644 inline app/web.yaml\n");
  yield data(Buffer.from("kind: Service\n"));
  for (let n = 0; n < files; n++) {
    yield Buffer.from(`M 100644 inline blobs/${n}\n`);
    yield data(randomFillSync(Buffer.alloc(megabyte)));
  }
}

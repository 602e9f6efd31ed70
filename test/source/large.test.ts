import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startGitServer } from "../support/git-server.ts";
import { createWorkTree } from "../support/work-tree.ts";

const run = promisify(execFile);
const megabyte = 1024 ** 2;

/** Fetches a small repository, then a large one, reads one folder of it, and prints by how many bytes the process has grown at most. */
const program = `
import { anonymous, createSourcePool } from ${JSON.stringify(resolve(import.meta.dirname, "../../src/source/index.ts"))};
const pool = createSourcePool({ userAgent: "mooring/test", timeoutMs: 120_000 });
const fetch = (url) => pool.fetch({ url, ref: { branch: "main" } }, anonymous, AbortSignal.timeout(120_000));
await fetch(process.argv[1]);
const before = process.resourceUsage().maxRSS * 1024;
const fetched = await fetch(process.argv[2]);
for (const name of await fetched.tree.list("app")) await fetched.tree.read("app/" + name);
console.log(process.resourceUsage().maxRSS * 1024 - before);
await pool.close();
`;

it("a repository of 128 MB costs less than 100 MB of memory", async () => {
  await using server = await startGitServer();
  await using work = await createWorkTree(await server.createRepo("large"));
  await mkdir(join(work.dir, "blobs"));
  for (let n = 0; n < 128; n++)
    await writeFile(join(work.dir, "blobs", `${n}`), randomFillSync(Buffer.alloc(megabyte)));
  await work.git("config", "core.compression", "0");
  await work.git("config", "pack.window", "0");
  await work.commit({ "app/web.yaml": "kind: Service\n" }, "Large");
  await using small = await createWorkTree(await server.createRepo("small"));
  await small.commit({ "app/web.yaml": "kind: Service\n" }, "Small");
  const urls = [server.repoUrl("small"), server.repoUrl("large")];
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program, ...urls]);
  expect(Number(stdout)).toBeGreaterThan(0);
  expect(Number(stdout)).toBeLessThan(100 * megabyte);
}, 180_000);

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { fetchedBytesOfAgent } from "../../../agent/index.ts";
import { listAt, stringAt } from "../../../model/json/json.ts";
import { diskRoom } from "./disk-room.ts";
import { writePackFile } from "./pack-file.ts";

async function* pack(bytes: number): AsyncGenerator<Uint8Array> {
  const content = Buffer.alloc(bytes - 20, 7);
  for (let at = 0; at < content.length; at += 1000) yield content.subarray(at, at + 1000);
  yield createHash("sha1").update(content).digest();
}

test("packs of all repositories share the disk, and give back what they had", async () => {
  const place = { cacheDir: undefined, room: diskRoom(10_000) };
  const limit = 1024 ** 2;
  const first = await writePackFile(pack(6_000), place, limit);
  const full = { code: "SourceUnreachable", message: expect.stringContaining("all repositories together") };
  await expect(writePackFile(pack(6_000), place, limit)).rejects.toMatchObject(full);
  const second = await writePackFile(pack(4_000), place, limit);
  await first.close();
  await first.close();
  const third = await writePackFile(pack(6_000), place, limit);
  await expect(writePackFile(pack(1_000), place, limit)).rejects.toMatchObject(full);
  await Promise.all([second.close(), third.close()]);
});

test("the agent stops fetching before its volume is full", () => {
  const manifest = parse(readFileSync(join(import.meta.dirname, "../../../../manifests/deployment.yaml"), "utf8"));
  const [volume] = listAt(manifest, "spec", "template", "spec", "volumes");
  const limit = /^(\d+)Gi$/.exec(stringAt(volume, "emptyDir", "sizeLimit") ?? "")?.[1];
  expect(Number(limit) * 1024 ** 3).toBeGreaterThan(fetchedBytesOfAgent);
});

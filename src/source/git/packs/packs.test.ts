import { describe, expect, onTestFinished, test } from "vitest";
import { commitData, entry, nameOf, pack, treeData } from "../../../../test/source/objects/pack-builder.ts";
import { defaultLimits } from "../objects/limits.ts";
import type { PackRequest } from "../wire/upload-pack.ts";
import { diskRoom } from "./disk-room.ts";
import { keepPacks } from "./packs.ts";

const never = new AbortController().signal;

/** A commit of one file, and the pack that holds them. */
function revision(content: Buffer | string) {
  const blob = Buffer.from(content);
  const tree = treeData([["100644", "a", nameOf("blob", blob)]]);
  const commit = commitData(nameOf("tree", tree));
  return {
    oid: nameOf("commit", commit),
    blob: nameOf("blob", blob),
    pack: pack([entry("commit", commit), entry("tree", tree), entry("blob", blob)]),
  };
}

type Revision = ReturnType<typeof revision>;

/** Packs of a server that has these revisions, what was requested, and the disk. */
function packsOf(...revisions: readonly Revision[]) {
  const requests: PackRequest[] = [];
  let taken = 0;
  const room = {
    take: (bytes: number) => {
      taken += bytes;
    },
    give: (bytes: number) => {
      taken -= bytes;
    },
  };
  async function* requestPack(request: PackRequest): AsyncGenerator<Uint8Array> {
    requests.push(request);
    const found = revisions.find(({ oid }) => oid === request.want);
    if (found === undefined) throw new Error("no such commit");
    yield found.pack;
  }
  const packs = keepPacks(requestPack, { place: { cacheDir: undefined, room }, limits: defaultLimits });
  onTestFinished(() => packs.close());
  const obtain = ({ oid }: Pick<Revision, "oid">, signal = never) => packs.obtain({ commit: oid, want: oid }, signal);
  return { packs, requests, obtain, taken: () => taken };
}

describe("a commit", () => {
  const [one, two] = [revision("one"), revision("two")];

  test("is requested once", async () => {
    const { obtain, requests } = packsOf(one);
    const objects = await obtain(one);
    expect(await obtain(one)).toBe(objects);
    expect((await objects.read(one.blob, "blob")).toString()).toBe("one");
    expect(requests).toEqual([{ want: one.oid, haves: [], depth: 1, commitsOnly: false }]);
  });

  test("that follows on another is requested with what is here, and both stay", async () => {
    const { obtain, requests } = packsOf(one, two);
    const first = await obtain(one);
    const second = await obtain(two);
    expect(second).toBe(first);
    expect((await second.read(one.blob, "blob")).toString()).toBe("one");
    expect(requests[1]).toMatchObject({ want: two.oid, haves: [one.oid] });
  });

  test("is requested once by callers at the same time, one after another", async () => {
    const { obtain, requests } = packsOf(one, two);
    await Promise.all([obtain(one), obtain(two), obtain(one)]);
    expect(requests.map(({ want }) => want)).toEqual([one.oid, two.oid]);
  });

  test("that the server does not have leaves what was there readable, and the next one begins anew", async () => {
    const { obtain, requests } = packsOf(one, two);
    const objects = await obtain(one);
    await expect(obtain({ oid: "1".repeat(40) })).rejects.toThrow("no such commit");
    expect(objects.isOpen()).toBe(true);
    await obtain(two);
    expect(requests.at(-1)?.haves).toEqual([]);
    expect((await objects.read(one.blob, "blob")).toString()).toBe("one");
  });

  test("is not requested for who has left", async () => {
    const { obtain, requests } = packsOf(one);
    await expect(obtain(one, AbortSignal.abort("left"))).rejects.toBe("left");
    expect(requests).toEqual([]);
  });
});

describe("packs", () => {
  const many = Array.from({ length: 50 }, (_, n) => revision(`${n}`));

  test("make way for newer ones: the two last generations are readable", async () => {
    const { obtain, requests } = packsOf(...many);
    const all = [];
    for (const each of many) all.push(await obtain(each));
    const generations = [...new Set(all)];
    expect(generations.map((objects) => objects.isOpen())).toEqual([false, false, true, true]);
    expect(requests.filter(({ haves }) => haves.length === 0)).toHaveLength(generations.length);
    await expect(generations[0]?.read(many[0]?.blob ?? "", "blob")).rejects.toMatchObject({
      code: "SourceUnreachable",
      message: "the revision was evicted for newer ones",
    });
  });

  test("take no more disk than they have, and none once they are closed", async () => {
    const { packs, obtain, taken } = packsOf(...many);
    for (const each of many.slice(0, 10)) await obtain(each);
    expect(taken()).toBe(many.slice(0, 10).reduce((sum, { pack: { length } }) => sum + length, 0));
    await packs.close();
    expect(taken()).toBe(0);
  });

  test("that the disk has no room for leave nothing on it", async () => {
    const room = diskRoom(100);
    async function* requestPack(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(90);
      yield Buffer.alloc(90);
    }
    const packs = keepPacks(requestPack, { place: { cacheDir: undefined, room }, limits: defaultLimits });
    const oid = "1".repeat(40);
    const obtaining = packs.obtain({ commit: oid, want: oid }, never);
    await expect(obtaining).rejects.toMatchObject({ code: "SourceUnreachable" });
    room.take(100);
    await packs.close();
  });
});

import { readFile } from "node:fs/promises";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Json, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Snapshot } from "../index.ts";
import { isSnapshotOf, readSnapshot, snapshotName, snapshotNames, snapshotParts, snapshotSecrets } from "../index.ts";

/** Written by Mooring at c2632fa, before snapshots had a format. */
const recorded: { readonly secrets: readonly KubeObject[]; readonly expected: Snapshot } = JSON.parse(
  await readFile(new URL("../../../test/rollout/recorded-snapshot.json", import.meta.url), "utf8"),
);
const { expected } = recorded;
const owner = { name: "production", namespace: "mooring-system", uid: "u" };

/** How Mooring at c2632fa read a snapshot: whatever the JSON said was one. */
function readAsBefore(secrets: readonly KubeObject[]): Snapshot {
  const parts = Number(Buffer.from(stringAt(secrets[0], "data", "parts") ?? "", "base64").toString());
  if (!Number.isInteger(parts) || parts < 1 || parts > 20) throw new RangeError("parts");
  const packed = secrets.slice(0, parts).map((each) => Buffer.from(stringAt(each, "data", "snapshot") ?? "", "base64"));
  return JSON.parse(brotliDecompressSync(Buffer.concat(packed)).toString());
}

function holding(content: Buffer, more: Readonly<Record<string, string>> = {}): readonly KubeObject[] {
  const data = { parts: "MQ==", snapshot: content.toString("base64"), ...more };
  return [{ apiVersion: "v1", kind: "Secret", metadata: { name: "mooring-snapshot-production" }, data }];
}

const packed = (value: unknown) => holding(brotliCompressSync(JSON.stringify(value)));

/** At the lowest quality, as it is about what it holds: the highest takes a second. */
const packedFast = (content: string | Buffer) =>
  holding(brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } }));

/** Text that does not compress, so that it takes several parts. */
const noise = Array.from({ length: 120_000 }, (_, index) => Math.sin(index).toString(36)).join("");

describe("a snapshot", () => {
  test("is read as it was written, in as many parts as it takes", async () => {
    const [stage] = expected.stages;
    const [manifest] = stage?.manifests ?? [];
    if (stage === undefined || manifest === undefined) throw new RangeError("the recorded snapshot is empty");
    const large = { ...manifest, object: { ...manifest.object, data: { noise } } };
    const snapshot = { ...expected, stages: [{ ...stage, manifests: [large] }] };
    const secrets = await snapshotSecrets(snapshot, owner);
    expect(secrets.length).toBeGreaterThan(1);
    expect(snapshotParts(secrets[0] as KubeObject)).toBe(secrets.length);
    expect(await readSnapshot(secrets)).toEqual(snapshot);
    expect(readAsBefore(secrets)).toMatchObject(snapshot);
    await expect(readSnapshot([...secrets.slice(0, -1), undefined])).rejects.toThrow("a part of it is missing");
    await expect(readSnapshot([...secrets].reverse())).rejects.toThrow("its parts do not belong together");
  });

  test("of an agent before there was a format is read", async () => {
    expect(await readSnapshot(recorded.secrets)).toEqual(expected);
  });

  test("is read by an agent before there was a format", async () => {
    const { revision, stages } = readAsBefore(await snapshotSecrets(expected, owner));
    expect({ revision, stages }).toEqual(expected);
  });

  test("keeps what a manifest names and leaves empty", async () => {
    const snapshot = JSON.parse(JSON.stringify(expected));
    const [{ object }] = snapshot.stages[0].manifests;
    object.metadata = { ...object.metadata, labels: null, annotations: { "example.com/empty": null } };
    expect(await readSnapshot(await snapshotSecrets(snapshot, owner))).toEqual(snapshot);
  });

  const [stage] = JSON.parse(JSON.stringify(expected.stages));
  const [first, ...others] = stage.manifests;
  const withFirst = (changed: Json) => ({ ...expected, stages: [{ ...stage, manifests: [changed, ...others] }] });
  test.each<readonly [string, unknown, string]>([
    ["null", null, "it is not a snapshot"],
    ["a list", [], "it is not a snapshot"],
    ["a text", "snapshot", "it is not a snapshot"],
    ["{}", {}, "it names no revision"],
    ["of another format", { ...expected, format: 2 }, "it has format 2"],
    ["of a format that is no number", { ...expected, format: "1" }, 'it has format "1"'],
    ["without a revision", { stages: expected.stages }, "it names no revision"],
    ["without stages", { revision: "main@sha1:a" }, "it has no stages"],
    ["with stages: []", { ...expected, stages: [] }, "it has no stages"],
    ["with stages: null", { ...expected, stages: null }, "it has no stages"],
    ["with stages: [{}]", { ...expected, stages: [{}] }, "it has an invalid stage"],
    ["with stages: [null]", { ...expected, stages: [null] }, "it has an invalid stage"],
    ["with a stage without objects", { ...expected, stages: [{ name: "", timeoutMs: 1 }] }, "it has an invalid stage"],
    ["with a time limit of text", { ...expected, stages: [{ ...stage, timeoutMs: "5m" }] }, "it has an invalid stage"],
    [
      "with a time limit that no timer keeps",
      { ...expected, stages: [{ ...stage, timeoutMs: 3e9 }] },
      "it has an invalid stage",
    ],
    [
      "with two stages of one name",
      { ...expected, stages: [stage, { ...stage, manifests: [] }] },
      "have the same name",
    ],
    ["with an object that is null", withFirst(null), "an object in it is incomplete"],
    ["with an object that is {}", withFirst({}), "an object in it is incomplete"],
    ["with an object without its content", withFirst({ ...first, object: undefined }), "does not match its id"],
    [
      "with metadata: null",
      withFirst({ ...first, object: { ...first.object, metadata: null } }),
      "does not match its id",
    ],
    [
      "with labels that are a list",
      withFirst({ ...first, object: { ...first.object, metadata: { ...first.object.metadata, labels: ["a"] } } }),
      "does not match its id",
    ],
    [
      "with annotations that are no texts",
      withFirst({
        ...first,
        object: { ...first.object, metadata: { ...first.object.metadata, annotations: { a: {} } } },
      }),
      "does not match its id",
    ],
    [
      "with an id of something else",
      withFirst({ ...first, id: { ...first.id, name: "other" } }),
      "does not match its id",
    ],
    ["with an origin that is text", withFirst({ ...first, origin: "web.yaml" }), "incomplete"],
    ["with an object twice", withFirst(others[0]), "an object is in it twice"],
  ])("%s is refused", async (_what, value, why) => {
    await expect(readSnapshot(packed(value))).rejects.toMatchObject({
      code: "SnapshotInvalid",
      message: expect.stringContaining(why),
    });
  });

  test.each<readonly [string, readonly KubeObject[], string]>([
    ["cut off", holding(brotliCompressSync(JSON.stringify(expected)).subarray(0, -20)), "cannot be unpacked"],
    ["that is no compressed text", holding(Buffer.from("nothing")), "cannot be unpacked"],
    ["without content", holding(Buffer.alloc(0)), "cannot be unpacked"],
    ["that is no JSON", holding(brotliCompressSync("revision: a")), "it is not JSON"],
    ["of another digest", holding(brotliCompressSync("{}"), { digest: "YQ==" }), "do not belong together"],
    ["of 70 MB in few bytes", packedFast(Buffer.alloc(70_000_000)), "cannot be unpacked"],
    ["of 4 million lists", packedFast(`[${"[],".repeat(4_000_000)}[]]`), "more values than a snapshot may"],
    ["as deep as it is long", packedFast("[".repeat(10_000_000)), "it is not JSON"],
  ])("%s is refused", async (_what, secrets, why) => {
    await expect(readSnapshot(secrets)).rejects.toMatchObject({
      code: "SnapshotInvalid",
      message: expect.stringContaining(why),
    });
  });

  test.each(["", "0", "21", "1.5", "many"])("that says that it has '%s' parts is refused", (parts) => {
    const [secret] = holding(Buffer.alloc(0), { parts: Buffer.from(parts).toString("base64") });
    expect(() => snapshotParts(secret as KubeObject)).toThrow("it does not say how many parts it has");
  });
});

describe("the Secrets of a snapshot", () => {
  test.each([
    ["shop", 0, "mooring-snapshot-shop", ["mooring-snapshot-shop"]],
    ["shop", 1, "mooring-snapshot.1.shop", ["mooring-snapshot.1.shop", "mooring-snapshot-shop-1"]],
    // The first part of this one has the name that an older agent gave the one above.
    ["shop-1", 0, "mooring-snapshot-shop-1", ["mooring-snapshot-shop-1"]],
    ["1.shop", 0, "mooring-snapshot-1.shop", ["mooring-snapshot-1.shop"]],
  ] as const)("of %s, part %i, are named", (environment, part, name, names) => {
    expect([snapshotName(environment, part), snapshotNames(environment, part)]).toEqual([name, names]);
  });

  test.each([
    ["production", true],
    ["production-1", false],
    [undefined, false],
  ])("say by a label whose they are: %s", (label, own) => {
    const labels = label === undefined ? {} : { "mooring.dev/snapshot": label };
    const metadata = { name: "mooring-snapshot-production", labels };
    expect(isSnapshotOf({ apiVersion: "v1", kind: "Secret", metadata }, "production")).toBe(own);
  });

  test("go with their Environment, and are recognized as its own", async () => {
    const [secret] = await snapshotSecrets(expected, owner);
    expect(secret).toMatchObject({
      type: "mooring.dev/snapshot",
      metadata: {
        ...{ name: "mooring-snapshot-production", namespace: "mooring-system" },
        ownerReferences: [{ kind: "Environment", name: "production", uid: "u" }],
      },
    });
    expect(secret && isSnapshotOf(secret, "production")).toBe(true);
  });

  test("are not made for what could not be read back", async () => {
    const [stage] = expected.stages;
    const [manifest] = stage?.manifests ?? [];
    if (stage === undefined || manifest === undefined) throw new RangeError("the recorded snapshot is empty");
    const huge = { ...manifest, object: { ...manifest.object, data: { text: "x".repeat(65 * 1024 * 1024) } } };
    const snapshot = { ...expected, stages: [{ ...stage, manifests: [huge] }] };
    await expect(snapshotSecrets(snapshot, owner)).rejects.toMatchObject({
      code: "SnapshotInvalid",
      message: expect.stringContaining("too large to be kept: 69 MB"),
    });
  });
});

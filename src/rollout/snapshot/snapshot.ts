import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { type BrotliOptions, brotliCompress, brotliDecompress, constants } from "node:zlib";
import { apiVersion, snapshotLabel } from "../../api/names.ts";
import { createPace } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { stringAt, writeJson } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Owner } from "../../plan/index.ts";
import { damaged, isReadable, parseSnapshot, type Snapshot, snapshotFormat } from "./read-snapshot.ts";

/** What one Secret may hold, below the API server's limit of 1 MiB for an object. */
const partLimit = 700_000;

/** The highest quality, which is the default, takes a hundred times as long as this one to save a tenth. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** Limits on what is written and read back: whoever may write Secrets here must not be able to fill the agent's memory. */
const mostParts = 20;
const mostBytes = 64 * 1024 * 1024;

const compress = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress);
const decompress = promisify(brotliDecompress);

/**
 * The name of the Secret that holds the n-th part of an environment's snapshot. No two parts of whatever environments share
 * one: behind `mooring-snapshot` a first part has a dash, and any other a dot and its number.
 */
export function snapshotName(environment: string, part: number): string {
  return part === 0 ? `mooring-snapshot-${environment}` : `mooring-snapshot.${part}.${environment}`;
}

/**
 * The names that the n-th part may have, the likeliest first. Parts written by older agents are found too; under such a name
 * may be the first part of another Environment's snapshot, which `isSnapshotOf` recognizes.
 */
export function snapshotNames(environment: string, part: number): readonly string[] {
  const name = snapshotName(environment, part);
  return part === 0 ? [name] : [name, `mooring-snapshot-${environment}-${part}`];
}

/** Whether a Secret holds a part of this Environment's snapshot, and not of one with a similar name. */
export function isSnapshotOf(secret: KubeObject, environment: string): boolean {
  return secret.metadata.labels?.[snapshotLabel] === environment;
}

/**
 * The Secrets that hold a snapshot: rendered, still sealed, compressed with Brotli, cut into parts where it is large. Each
 * part says how many there are, and the SHA-256 of all of them together. The owner reference lets them go with the
 * Environment. Throws `Failure` (SnapshotInvalid) for a snapshot too large to be read back.
 */
export async function snapshotSecrets(
  snapshot: Snapshot,
  owner: Owner & { readonly uid: string },
): Promise<readonly KubeObject[]> {
  const text = await textOf(snapshot);
  if (text.length > mostBytes || !(await isReadable(text))) throw tooLarge(text.length);
  const packed = await compress(text, quality);
  const count = Math.max(1, Math.ceil(packed.length / partLimit));
  if (count > mostParts) throw tooLarge(text.length);
  const digest = encoded(digestOf(packed));
  return Array.from({ length: count }, (_, part) => ({
    apiVersion: "v1",
    kind: "Secret",
    type: "mooring.dev/snapshot",
    metadata: {
      name: snapshotName(owner.name, part),
      namespace: owner.namespace,
      labels: { [snapshotLabel]: owner.name },
      ownerReferences: [{ apiVersion, kind: "Environment", name: owner.name, uid: owner.uid }],
    },
    data: {
      parts: encoded(String(count)),
      digest,
      snapshot: packed.subarray(part * partLimit, (part + 1) * partLimit).toString("base64"),
    },
  }));
}

/** The JSON of a snapshot, written object by object. */
async function textOf({ stages, ...rest }: Snapshot): Promise<Buffer> {
  const pace = createPace();
  const parts: Buffer[] = [];
  const write = (text: string) => parts.push(Buffer.from(text));
  write(`${openEnded({ format: snapshotFormat, ...rest })}"stages":[`);
  for (const [index, { manifests, ...stage }] of stages.entries()) {
    write(`${index === 0 ? "" : ","}${openEnded(stage)}"manifests":[`);
    for (const [place, manifest] of manifests.entries()) {
      write(`${place === 0 ? "" : ","}${writeJson(manifest)}`);
      await pace();
    }
    write("]}");
  }
  write("]}");
  return Buffer.concat(parts);
}

/** An object that goes on: it has members already. */
function openEnded(value: object): string {
  return `${writeJson(value).slice(0, -1)},`;
}

/** How many parts there are, as the first one says. Throws `Failure` (SnapshotInvalid) where it does not say so. */
export function snapshotParts(first: KubeObject): number {
  const parts = Number(decoded(first, "parts"));
  if (!Number.isInteger(parts) || parts < 1 || parts > mostParts)
    throw damaged("it does not say how many parts it has");
  return parts;
}

/** Reads a snapshot back from its Secrets, in order. Throws `Failure` (SnapshotInvalid) where it cannot be used. */
export async function readSnapshot(secrets: readonly (KubeObject | undefined)[]): Promise<Snapshot> {
  const there = secrets.filter((secret) => secret !== undefined);
  if (there.length < secrets.length) throw damaged("a part of it is missing");
  const packed = Buffer.concat(
    there.map((secret) => Buffer.from(stringAt(secret, "data", "snapshot") ?? "", "base64")),
  );
  // Those written before there was a digest have none.
  const digest = digestOf(packed);
  const wrong = there.some((secret) => ![undefined, digest].includes(decoded(secret, "digest")));
  if (wrong) throw damaged("its parts do not belong together");
  return parseSnapshot(await unpacked(packed));
}

async function unpacked(packed: Buffer): Promise<Buffer> {
  try {
    return await decompress(packed, { maxOutputLength: mostBytes });
  } catch (cause) {
    throw damaged("it cannot be unpacked", cause);
  }
}

function tooLarge(bytes: number): Failure {
  return new Failure("SnapshotInvalid", {
    message: `the snapshot of the revision is too large to be kept: ${Math.ceil(bytes / 1_000_000)} MB`,
    hint: "split it into several Environments",
  });
}

const digestOf = (packed: Buffer): string => createHash("sha256").update(packed).digest("hex");

const encoded = (text: string): string => Buffer.from(text).toString("base64");

function decoded(secret: KubeObject, key: string): string | undefined {
  const text = stringAt(secret, "data", key);
  return text === undefined ? undefined : Buffer.from(text, "base64").toString();
}

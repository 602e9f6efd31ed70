import { promisify } from "node:util";
import { type BrotliOptions, brotliCompress, brotliDecompress, constants } from "node:zlib";
import { apiVersion, snapshotLabel } from "../api/names.ts";
import { Failure } from "../model/failure.ts";
import { stringAt } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { Owner } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";

/** What an environment looked like when it was last healthy: enough to bring it back without Git. */
export interface Snapshot {
  readonly revision: string;
  readonly stages: readonly DesiredStage[];
}

/** What one Secret may hold, below the API server's limit of 1 MiB for an object. */
const partLimit = 700_000;

/** The highest quality, which is the default, takes a hundred times as long as this one to save a tenth. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** Bounds on what is read back: whoever may write Secrets here must not be able to fill the agent's memory. */
const mostParts = 20;
const mostBytes = 256 * 1024 * 1024;

const compress = promisify<string, BrotliOptions, Buffer>(brotliCompress);
const decompress = promisify(brotliDecompress);

/**
 * The name of the Secret that holds the n-th part of an environment's snapshot. No two parts of whatever environments share
 * one: behind `mooring-snapshot` a first part has a dash, and any other a dot and its number.
 */
export function snapshotName(environment: string, part: number): string {
  return part === 0 ? `mooring-snapshot-${environment}` : `mooring-snapshot.${part}.${environment}`;
}

/**
 * Where the n-th part may be, the likeliest first. What was written before parts had names of their own is found too;
 * under such a name may be the first part of another environment, so `isSnapshotOf` tells.
 */
export function snapshotNames(environment: string, part: number): readonly string[] {
  const name = snapshotName(environment, part);
  return part === 0 ? [name] : [name, `mooring-snapshot-${environment}-${part}`];
}

/** Tells whether a Secret holds a part of this environment's snapshot, and not of one whose name is alike. */
export function isSnapshotOf(secret: KubeObject, environment: string): boolean {
  return secret.metadata.labels?.[snapshotLabel] === environment;
}

/**
 * The Secrets that hold a snapshot: rendered, still sealed, compressed with Brotli, cut into parts where it is large. The
 * first part says how many there are. The owner reference lets them go with the Environment.
 */
export async function snapshotSecrets(
  snapshot: Snapshot,
  owner: Owner & { readonly uid: string },
): Promise<readonly KubeObject[]> {
  const packed = await compress(JSON.stringify(snapshot), quality);
  const count = Math.max(1, Math.ceil(packed.length / partLimit));
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
      parts: Buffer.from(String(count)).toString("base64"),
      snapshot: packed.subarray(part * partLimit, (part + 1) * partLimit).toString("base64"),
    },
  }));
}

/** How many parts there are, as the first one says. */
export function snapshotParts(first: KubeObject): number {
  const parts = Number(Buffer.from(stringAt(first, "data", "parts") ?? "", "base64").toString());
  if (!Number.isInteger(parts) || parts < 1 || parts > mostParts)
    throw damaged("it does not say how many parts it has");
  return parts;
}

/** Reads a snapshot back from its Secrets, in order. Throws `Failure` (SnapshotInvalid) when they are damaged. */
export async function readSnapshot(secrets: readonly KubeObject[]): Promise<Snapshot> {
  const packed = secrets.map((secret) => Buffer.from(stringAt(secret, "data", "snapshot") ?? "", "base64"));
  try {
    return JSON.parse((await decompress(Buffer.concat(packed), { maxOutputLength: mostBytes })).toString()) as Snapshot;
  } catch (cause) {
    throw damaged("it cannot be unpacked", cause);
  }
}

function damaged(why: string, cause?: unknown): Failure {
  return new Failure(
    "SnapshotInvalid",
    {
      message: `the snapshot of the last healthy revision is damaged: ${why}`,
      hint: "the next healthy rollout writes a new one",
    },
    { cause },
  );
}

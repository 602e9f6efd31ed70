import type { Problem } from "./failure.ts";
import type { JsonObject } from "./json/json.ts";
import type { ObjectId } from "./object-id.ts";

/** An object of the Kubernetes API, whole: narrowed once, where it was read. */
export type KubeObject = JsonObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** The part of `metadata` that every object has a right to; other members stay reachable as JSON. */
export type ObjectMeta = JsonObject & {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly creationTimestamp?: string;
};

/** Where a manifest came from, for errors and for `mooring why`. */
export interface Origin {
  /** The file, relative to the root of the tree. */
  readonly file: string;
  /** The first line of the object in the file, from 1; absent where it was generated. */
  readonly line?: number;
  /** The kustomizations that led here, outermost first. */
  readonly chain: readonly string[];
}

/** Where a problem with an object is, as `Problem` names it. */
export function placeOf({ file, line, chain }: Origin): {
  readonly file: string;
  readonly line?: number;
  readonly chain?: readonly string[];
} {
  return { file, ...(line === undefined ? {} : { line }), ...(chain.length === 0 ? {} : { chain }) };
}

/** A desired object on its way from the repository to the cluster. */
export interface Manifest {
  readonly id: ObjectId;
  readonly object: KubeObject;
  readonly origin: Origin;
  /** Set at unsealing: the values of `data`/`stringData` must never be shown. */
  readonly sensitive: boolean;
  /**
   * SHA-256 (hex) of the canonical JSON of the object as rendered, before it was unsealed. Plans digest this, so
   * that a preview without the private key and the agent come to the same digest.
   */
  readonly digest: string;
  /**
   * Set while values are encrypted that variables are to be put into: the object as it was before any were. `object` then
   * has them in what is not encrypted, so that it tells what it will be called.
   */
  readonly unsubstituted?: KubeObject;
  /** A warning about it, although it is applied. */
  readonly warning?: Problem;
}

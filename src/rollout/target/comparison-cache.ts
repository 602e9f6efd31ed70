import { isDirective } from "../../api/annotations.ts";
import { canonicalJson, type JsonObject } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import type { Observed } from "../../plan/index.ts";

/** A desired object beside the live one. */
export type Comparison = Observed & {
  /** What is to be applied: the manifest less the fields that are left to others. */
  readonly object: KubeObject;
};

/**
 * Remembers which live objects were found (or made) exactly as desired, so that a pass in which nothing changed sends no
 * request: an object stays clean while neither its manifest changes nor anything in it that a person could change. Drift is
 * remembered as well, so that drift that is only reported is not compared again and again.
 */
export interface ComparisonCache {
  /**
   * The objects that are desired now, by inventory id, each with the keys of what is left to others. What was
   * compared under other rules is compared again, and what is no longer desired is forgotten.
   */
  applyRules(rules: ReadonlyMap<string, readonly string[]>): void;
  isClean(id: ObjectId, digest: string, live: KubeObject): boolean;
  /** Whether a live object is as it was when it was last found clean, against whatever manifest. */
  isUnchanged(id: ObjectId, live: KubeObject): boolean;
  /** The live object is as the manifest, applied as `object`, wants it. */
  rememberClean(manifest: Manifest, object: KubeObject, live: KubeObject): void;
  /** The last comparison of an object that is not as desired, with the live one at exactly this version. */
  recallDrift(compared: Compared, live: KubeObject): Comparison | undefined;
  rememberDrift(compared: Compared, comparison: Comparison): void;
  forget(id: ObjectId): void;
  /** Forgets everything: the cluster was restored from a backup. */
  clear(): void;
}

/** What was compared: equal digests are the same manifest, less what is left to others under the same keys. */
export interface Compared {
  readonly manifest: Manifest;
  readonly ignored: readonly string[];
}

/** An empty cache. */
export function createComparisonCache(): ComparisonCache {
  const known = new Map<string, Known>();
  let rulesBefore: ReadonlyMap<string, readonly string[]> = new Map();
  const differing = new Map<string, { readonly key: string; readonly comparison: Comparison }>();
  const isUnchanged = (id: ObjectId, live: KubeObject) => {
    const found = known.get(formatId(id));
    return found !== undefined && found.signature === signature(live, found.names);
  };
  return {
    isUnchanged,
    applyRules(rules) {
      for (const key of [...known.keys(), ...differing.keys()]) {
        const [before, now] = [rulesBefore.get(key), rules.get(key)];
        if (before !== undefined && now !== undefined && sameTexts(before, now)) continue;
        known.delete(key);
        differing.delete(key);
      }
      rulesBefore = rules;
    },
    isClean: (id, digest, live) => known.get(formatId(id))?.digest === digest && isUnchanged(id, live),
    rememberClean({ id, digest }, { metadata }, live) {
      const names = { labels: namesOf(metadata.labels), annotations: namesOf(metadata.annotations) };
      known.set(formatId(id), { digest, names, signature: signature(live, names) });
      differing.delete(formatId(id));
    },
    recallDrift(compared, live) {
      const found = differing.get(formatId(compared.manifest.id));
      return found?.key === comparisonKey(compared, live) ? found.comparison : undefined;
    },
    rememberDrift(compared, comparison) {
      const { live } = comparison;
      if (live === undefined) return;
      differing.set(formatId(compared.manifest.id), { key: comparisonKey(compared, live), comparison });
    },
    clear() {
      known.clear();
      differing.clear();
    },
    forget(id) {
      known.delete(formatId(id));
      differing.delete(formatId(id));
    },
  };
}

function comparisonKey({ manifest, ignored }: Compared, { metadata }: KubeObject): string {
  return JSON.stringify([manifest.digest, ignored, metadata.uid, metadata.resourceVersion]);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

interface Known {
  readonly digest: string;
  readonly names: Names;
  readonly signature: string;
}

/** The labels and annotations that a manifest has. */
interface Names {
  readonly labels: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
}

/**
 * What moves when somebody changes an object. Where the API server counts generations, a change of the spec moves that and
 * status writes do not; elsewhere every write moves the resourceVersion. Metadata is compared by value; of the labels and
 * annotations only what the manifest has, or what speaks to Mooring: controllers write others, as the Deployment's does
 * its revision.
 */
function signature(object: KubeObject, names: Names): string {
  const { uid, generation, resourceVersion, labels, annotations, deletionTimestamp, ownerReferences, finalizers } =
    object.metadata;
  const counted = generation !== undefined && generation > 0;
  return canonicalJson([
    uid ?? "",
    counted ? generation : (resourceVersion ?? ""),
    only(labels, (name) => names.labels.has(name) || isDirective(name)),
    only(annotations, (name) => names.annotations.has(name) || isDirective(name)),
    deletionTimestamp ?? "",
    ownerReferences ?? [],
    finalizers ?? [],
  ]);
}

function namesOf(values: Readonly<Record<string, string>> | undefined): ReadonlySet<string> {
  return new Set(Object.keys(values ?? {}));
}

function only(values: Readonly<Record<string, string>> | undefined, wanted: (name: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([name]) => wanted(name)));
}

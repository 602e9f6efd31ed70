import { Failure } from "../model/failure.ts";
import { isObject, numberAt, objectAt, parseJson, stringAt, valueAt } from "../model/json.ts";
import type { KubeObject, Manifest, Origin } from "../model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../model/object-id.ts";
import type { DesiredStage } from "../sandbox/index.ts";

/** What an environment looked like when it was last healthy: enough to bring it back without Git. */
export interface Snapshot {
  readonly revision: string;
  readonly stages: readonly DesiredStage[];
}

/**
 * The version of what stands in a snapshot. Without one it was written before there was any, and is the same. A change
 * that agents before it would misread takes the next; what is only added takes none.
 */
export const snapshotFormat = 1;

/** No text that stands for more values than this is written or read: it costs far more memory than bytes. */
const mostValues = 4_000_000;

/** Tells whether a text stands for more values than a snapshot may have. */
export function hasTooManyValues(text: Buffer): boolean {
  return countValues(text) > mostValues;
}

/**
 * Narrows the text of a snapshot. Whoever may write Secrets beside the Environment may have written it: what is not a
 * revision with all of its stages and objects is refused as a whole, so that nothing is ever taken for gone that is only
 * missing in it. Throws `Failure` (SnapshotInvalid).
 */
export function parseSnapshot(text: Buffer): Snapshot {
  if (hasTooManyValues(text)) throw damaged("it holds more values than any snapshot");
  const value = parsed(text.toString());
  if (!isObject(value)) throw damaged("it is no snapshot");
  const format = value.format ?? snapshotFormat;
  if (format !== snapshotFormat) {
    throw damaged(`it has format ${JSON.stringify(format)}, and this version of mooring reads ${snapshotFormat}`);
  }
  const revision = stringAt(value, "revision") ?? "";
  if (revision === "") throw damaged("it names no revision");
  if (!Array.isArray(value.stages) || value.stages.length === 0) throw damaged("it has no stages");
  const stages = value.stages.map(stageOf);
  const ids = stages.flatMap(({ manifests }) => manifests.map(({ id }) => formatId(id)));
  if (new Set(ids).size < ids.length) throw damaged("it has an object twice");
  return { revision, stages };
}

/** The failure of a snapshot that cannot be used, and why. */
export function damaged(why: string, cause?: unknown): Failure {
  return new Failure(
    "SnapshotInvalid",
    {
      message: `the snapshot of the last healthy revision cannot be used: ${why}`,
      hint: "there is nothing to go back to until the next healthy rollout, which writes a new one",
    },
    { cause },
  );
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw damaged("it is no JSON", cause);
  }
}

/** How many values a JSON text holds at most: what stands in strings is counted in, as a comma there costs little. */
function countValues(text: Buffer): number {
  let count = 1;
  for (const byte of text) if (beginsValue.has(byte)) count += 1;
  return count;
}

const beginsValue: ReadonlySet<number> = new Set(Buffer.from(",[{"));

function stageOf(value: unknown): DesiredStage {
  const name = stringAt(value, "name");
  const timeoutMs = numberAt(value, "timeoutMs") ?? 0;
  const manifests = valueAt(value, "manifests");
  if (name === undefined || !Array.isArray(manifests) || !Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) {
    throw damaged("a stage in it is no stage");
  }
  const stage = { name, timeoutMs, manifests: manifests.map(manifestOf) };
  const substitute = substitutionOf(valueAt(value, "substitute"));
  return substitute === undefined ? stage : { ...stage, substitute };
}

function manifestOf(value: unknown): Manifest {
  const object = objectAt(value, "object");
  const id = idOf(objectAt(value, "id"));
  const origin = originOf(objectAt(value, "origin"));
  const digest = stringAt(value, "digest");
  const sensitive = valueAt(value, "sensitive");
  if (id === undefined || origin === undefined || digest === undefined || typeof sensitive !== "boolean") {
    throw damaged("an object in it is incomplete");
  }
  if (!isKubeObject(object) || !isOf(object, id)) throw damaged("an object in it is not the one that it is said to be");
  const manifest = { id, object, origin, sensitive, digest };
  const unsubstituted = valueAt(value, "unsubstituted");
  if (unsubstituted === undefined) return manifest;
  if (!isKubeObject(unsubstituted)) throw damaged("an object in it is incomplete");
  return { ...manifest, unsubstituted };
}

function substitutionOf(value: unknown): DesiredStage["substitute"] {
  if (value === undefined) return undefined;
  const strict = valueAt(value, "strict");
  const variables = Object.entries(objectAt(value, "variables") ?? {});
  const texts = variables.flatMap(([name, text]) => (typeof text === "string" ? [[name, text] as const] : []));
  if (typeof strict !== "boolean" || texts.length < variables.length) throw damaged("its variables are none");
  return { strict, variables: Object.fromEntries(texts) };
}

function idOf(value: unknown): ObjectId | undefined {
  const [group, kind, namespace, name] = ["group", "kind", "namespace", "name"].map((key) => stringAt(value, key));
  if (group === undefined || namespace === undefined || !kind || !name) return undefined;
  return { group, kind, namespace, name };
}

function originOf(value: unknown): Origin | undefined {
  const file = stringAt(value, "file");
  const line = valueAt(value, "line");
  const chain = valueAt(value, "chain");
  if (file === undefined || !Array.isArray(chain)) return undefined;
  const files = chain.filter((each) => typeof each === "string");
  if (files.length < chain.length) return undefined;
  return { file, ...(typeof line === "number" ? { line } : {}), chain: files };
}

function isKubeObject(value: unknown): value is KubeObject {
  return (
    stringAt(value, "apiVersion") !== undefined &&
    stringAt(value, "kind") !== undefined &&
    stringAt(value, "metadata", "name") !== undefined &&
    ["labels", "annotations"].every((part) => isObject(valueAt(value, "metadata", part) ?? {}))
  );
}

function isOf({ apiVersion, kind, metadata }: KubeObject, id: ObjectId): boolean {
  const { name, namespace = "" } = metadata;
  return groupOf(apiVersion) === id.group && kind === id.kind && name === id.name && namespace === id.namespace;
}

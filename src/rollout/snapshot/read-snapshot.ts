import { longestDuration } from "../../api/duration.ts";
import { inSlices } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, numberAt, objectAt, stringAt, valueAt } from "../../model/json/json.ts";
import { readInPieces } from "../../model/json/json-pieces.ts";
import { ValueCount } from "../../model/json/value-count.ts";
import type { KubeObject, Manifest, Origin } from "../../model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../../model/object-id.ts";
import type { DesiredStage } from "../../sandbox/index.ts";

/** What an Environment was when it was last healthy: enough to restore it without Git. */
export interface Snapshot {
  readonly revision: string;
  readonly stages: readonly DesiredStage[];
}

/**
 * The version of the format. A snapshot without one was written before there were versions, and is the same. A change
 * that older agents would misread takes the next number; an addition takes none.
 */
export const snapshotFormat = 1;

/** Arrays, objects and members that a text may hold which is written or read: they cost far more memory than its bytes. */
const mostValues = 4_000_000;

/** Whether a text is within the limits of what is read back. */
export async function isReadable(text: Buffer): Promise<boolean> {
  return (await inSlices(countSteps(text))) <= mostValues;
}

const countedAtOnce = 1024 * 1024;

function* countSteps(text: Buffer): Generator<undefined, number> {
  const count = new ValueCount();
  for (let at = 0; at < text.length; at += countedAtOnce) {
    count.take(text.subarray(at, at + countedAtOnce));
    yield;
  }
  return count.take(Buffer.alloc(0));
}

/**
 * Narrows the text of a snapshot in slices, so that the event loop stays free. Whoever may write Secrets
 * beside the Environment may have written it: what is not a revision with all of its stages and objects is refused as a
 * whole, so that nothing is ever taken for gone that is only missing in it. Throws `Failure` (SnapshotInvalid).
 */
export async function parseSnapshot(text: Buffer): Promise<Snapshot> {
  return inSlices(snapshotSteps(text));
}

function* snapshotSteps(text: Buffer): Generator<undefined, Snapshot> {
  const value = yield* readSteps(text);
  if (!isObject(value)) throw damaged("it is not a snapshot");
  const format = value.format ?? snapshotFormat;
  if (format !== snapshotFormat) {
    throw damaged(`it has format ${JSON.stringify(format)}, and this version of mooring reads ${snapshotFormat}`);
  }
  const revision = stringAt(value, "revision") ?? "";
  if (revision === "") throw damaged("it names no revision");
  if (!Array.isArray(value.stages) || value.stages.length === 0) throw damaged("it has no stages");
  const ids = new Set<string>();
  const stages: DesiredStage[] = [];
  for (const each of value.stages) {
    const stage = yield* stageSteps(each, ids);
    if (stages.some(({ name }) => name === stage.name)) throw damaged("two of its stages have the same name");
    stages.push(stage);
  }
  return { revision, stages };
}

function* readSteps(text: Buffer): Generator<undefined, unknown> {
  let left = mostValues;
  const spend = (values: number): void => {
    left -= values;
    if (left < 0) throw damaged("it holds more values than a snapshot may");
  };
  try {
    return yield* readInPieces(text.toString(), spend);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw damaged("it is not JSON", cause);
    throw cause;
  }
}

/** The failure of a snapshot that cannot be used, and why. */
export function damaged(why: string, cause?: unknown): Failure {
  return new Failure(
    "SnapshotInvalid",
    {
      message: `the snapshot of the last healthy revision cannot be used: ${why}`,
      hint: "no rollback is possible until the next healthy rollout writes a new one",
    },
    { cause },
  );
}

function* stageSteps(value: unknown, ids: Set<string>): Generator<undefined, DesiredStage> {
  const name = stringAt(value, "name");
  const timeoutMs = numberAt(value, "timeoutMs") ?? 0;
  const objects = valueAt(value, "manifests");
  const isTime = Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= longestDuration;
  if (name === undefined || !Array.isArray(objects) || !isTime) throw damaged("it has an invalid stage");
  const manifests: Manifest[] = [];
  for (const object of objects) {
    const manifest = manifestOf(object);
    const key = formatId(manifest.id);
    if (ids.has(key)) throw damaged("an object is in it twice");
    ids.add(key);
    manifests.push(manifest);
    yield;
  }
  const stage = { name, timeoutMs, manifests };
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
  if (!isKubeObject(object) || !isOf(object, id)) throw damaged("an object in it does not match its id");
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
  if (typeof strict !== "boolean" || texts.length < variables.length) throw damaged("its variables are invalid");
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
    ["labels", "annotations"].every((part) => isTexts(valueAt(value, "metadata", part)))
  );
}

/** What a manifest names and leaves empty is null, and to the API server as good as absent. */
function isTexts(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return isObject(value) && Object.values(value).every((each) => each === null || typeof each === "string");
}

function isOf({ apiVersion, kind, metadata }: KubeObject, id: ObjectId): boolean {
  const { name, namespace = "" } = metadata;
  return groupOf(apiVersion) === id.group && kind === id.kind && name === id.name && namespace === id.namespace;
}

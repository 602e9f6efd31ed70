import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import type { DriftEntry } from "../../api/environment/environment-status.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { describeId, formatId, groupOf, type ObjectId } from "../../model/object-id.ts";
import { ownerOf } from "../../plan/index.ts";
import { environmentRef, listKind } from "../environment/environments.ts";
import type { Asking } from "./environment-report.ts";
import { createJudge, rulesOf, wordsOf } from "./judge.ts";
import { findPlace, type Place } from "./place.ts";
import { seeAlso } from "./see-also.ts";
import type { Subject } from "./subject.ts";

/** What there is to say of the Environment that owns an object. */
export interface OwnerReport {
  /** `namespace/name`. */
  readonly environment: string;
  /** Whether there is such an Environment. */
  readonly exists: boolean;
  readonly ready?: string;
  readonly message?: string;
  readonly appliedRevision?: string;
}

/** What was wrong with an object. */
export interface FailedReport {
  /** Absent where an error kept it from being rolled out. */
  readonly revision?: string;
  readonly message: string;
  /** What the container logged last, as the agent read it then. */
  readonly logs?: readonly string[];
}

/** Why an object is as it is. */
export interface ObjectReport {
  readonly object: string;
  readonly exists: boolean;
  /** Absent where it does not exist. */
  readonly healthy?: boolean;
  readonly message: string;
  /** The objects that made it, nearest first, up to the one that Mooring applied. */
  readonly madeBy: readonly string[];
  /** Absent where no Environment has it. */
  readonly owner?: OwnerReport;
  /** The field managers that wrote it; told where Mooring does not own it. */
  readonly managers?: readonly string[];
  readonly place?: Place;
  readonly drift: readonly DriftEntry[];
  /** What was wrong with it in a revision that failed, or what keeps the revision from being rolled out. */
  readonly failed?: FailedReport;
  /** The command that shows more. */
  readonly see?: string;
}

/**
 * Finds out why an object is as it is: who owns it, where it comes from, and how it is at this moment. Throws `Failure`,
 * NotFound for one that neither the cluster nor any Environment knows.
 */
export async function reportObject(asking: Asking, subject: Subject): Promise<ObjectReport> {
  const { cluster, cwd, signal } = asking;
  const live = await cluster.get({ apiVersion: subject.apiVersion, ...subject.id }, signal);
  const { top, madeBy } = live === undefined ? { top: undefined, madeBy: [] } : await makersOf(asking, live);
  const owner = top === undefined ? undefined : ownerOf(top);
  const environment =
    owner === undefined ? await wanting(asking, subject.id) : await environmentOf(asking, owner.namespace, owner.name);
  if (live === undefined && environment === undefined) throw nowhere(subject.id);
  const id = top === undefined ? subject.id : idOf(top);
  const place = environment && (await findPlace({ cluster, environment, cwd, signal }, id));
  const object = describeId(id);
  const failed = failedReport(environment, object);
  const { drift = [] } = environment?.status ?? {};
  return {
    object: describeId(subject.id),
    exists: live !== undefined,
    ...(await stateOf(asking, live, environment)),
    madeBy,
    ...(owner === undefined && environment === undefined ? {} : { owner: ownerReport(owner, environment) }),
    ...(owner !== undefined || live === undefined ? {} : { managers: managersOf(live) }),
    ...(place === undefined ? {} : { place }),
    drift: drift.filter((entry) => entry.object === object),
    ...(failed === undefined ? {} : { failed }),
  };
}

function failedReport(environment: Environment | undefined, object: string): FailedReport | undefined {
  const { problems = [], failedProblems = [], failedRevision: revision } = environment?.status ?? {};
  const problem = problems.find((each) => each.object === object);
  const found = problem ?? failedProblems.find((each) => each.object === object);
  if (found === undefined) return undefined;
  const { message, logs } = found;
  return {
    ...(problem !== undefined || revision === undefined ? {} : { revision }),
    message,
    ...(logs === undefined ? {} : { logs }),
  };
}

/** How it is by the rules of health, those of its Environment among them. */
async function stateOf(
  { cluster, signal }: Asking,
  live: KubeObject | undefined,
  environment: Environment | undefined,
): Promise<Pick<ObjectReport, "healthy" | "message" | "see">> {
  if (live === undefined) return { message: "does not exist in the cluster" };
  const rules = environment === undefined ? undefined : rulesOf(environment);
  const verdict = await createJudge(cluster, rules, signal).verdict(live);
  const see = seeAlso(idOf(live), verdict);
  return { healthy: verdict.state === "current", message: wordsOf(verdict), ...(see === undefined ? {} : { see }) };
}

const mostMakers = 5;

/** Follows the owner references up to the object that carries an Environment's labels, or to the last there is. */
async function makersOf(
  { cluster, signal }: Asking,
  live: KubeObject,
): Promise<{ readonly top: KubeObject; readonly madeBy: readonly string[] }> {
  const madeBy: string[] = [];
  let top = live;
  while (ownerOf(top) === undefined && madeBy.length < mostMakers) {
    const { namespace = "" } = top.metadata;
    const maker = listAt(top, "metadata", "ownerReferences").find((reference) => stringAt(reference, "kind"));
    const apiVersion = stringAt(maker, "apiVersion");
    if (apiVersion === undefined) break;
    const ref = { apiVersion, kind: stringAt(maker, "kind") ?? "", namespace, name: stringAt(maker, "name") ?? "" };
    const found = await cluster.get(ref, signal);
    if (found === undefined) break;
    madeBy.push(describeId(idOf(found)));
    top = found;
  }
  return { top, madeBy };
}

function idOf({ apiVersion, kind, metadata }: KubeObject): ObjectId {
  return { group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? "", name: metadata.name };
}

async function environmentOf(
  { cluster, signal }: Asking,
  namespace: string,
  name: string,
): Promise<Environment | undefined> {
  const object = await cluster.get(environmentRef(namespace, name), signal);
  return object === undefined ? undefined : readEnvironment(object);
}

/** The Environment that has an object without its labels in its inventory, or speaks of it in what is wrong. */
async function wanting({ cluster, signal }: Asking, id: ObjectId): Promise<Environment | undefined> {
  const objects = await allEnvironments(cluster, signal);
  const key = formatId(id);
  return objects.map(readEnvironment).find(({ status }) => {
    const told = [...(status.problems ?? []), ...(status.failedProblems ?? [])];
    const owned = status.inventory?.entries.some((entry) => entry.id === key) === true;
    return owned || told.some(({ object }) => object === describeId(id));
  });
}

/** None for whoever may not list them, or where there is no such kind. */
async function allEnvironments(cluster: Cluster, signal: AbortSignal): Promise<readonly KubeObject[]> {
  try {
    return await listKind(cluster, "Environment", "", signal);
  } catch (thrown) {
    if (thrown instanceof Failure && ["Forbidden", "KindUnknown"].includes(thrown.code)) return [];
    throw thrown;
  }
}

function ownerReport(
  owner: { readonly namespace: string; readonly name: string } | undefined,
  environment: Environment | undefined,
): OwnerReport {
  const { namespace, name } = environment?.metadata ?? owner ?? { namespace: "", name: "" };
  const ready = environment?.status.conditions?.find(({ type }) => type === "Ready");
  const applied = environment?.status.lastAppliedRevision;
  return {
    environment: `${namespace}/${name}`,
    exists: environment !== undefined,
    ...(ready === undefined ? {} : { ready: ready.reason, message: ready.message }),
    ...(applied === undefined ? {} : { appliedRevision: applied }),
  };
}

function managersOf(object: KubeObject): readonly string[] {
  return [...new Set(listAt(object, "metadata", "managedFields").flatMap((entry) => stringAt(entry, "manager") ?? []))];
}

function nowhere(id: ObjectId): Failure {
  return new Failure("NotFound", {
    object: describeId(id),
    message: "does not exist, and no Environment defines it",
    hint: "is it in another namespace? Use -n",
  });
}

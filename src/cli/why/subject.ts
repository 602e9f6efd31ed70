import { apiVersion } from "../../api/names.ts";
import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { nearest } from "../command/suggest.ts";

/** An object that was asked about, in the version in which the cluster prefers it. */
export interface Subject {
  readonly id: ObjectId;
  readonly apiVersion: string;
}

/** What somebody typed, taken apart; `namespace` is empty where it says none. */
export interface SubjectText {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * `deployment/web`, or `Deployment/shop/web` as messages name it. Undefined for a bare word, which is an Environment.
 * Throws `Failure` (UsageInvalid).
 */
export function parseSubject(text: string): SubjectText | undefined {
  if (!text.includes("/")) return undefined;
  const parts = text.split("/");
  const [kind = "", second = "", third] = parts;
  if (parts.length <= 3 && parts.every((part) => part !== "")) {
    return { kind, namespace: third === undefined ? "" : second, name: third ?? second };
  }
  throw new Failure("UsageInvalid", {
    message: `"${text}" does not name an object`,
    hint: "write KIND/NAME, such as deployment/web -n shop",
  });
}

/**
 * Finds the kind by any name that kubectl takes: kind, plural, singular or short name, alone or with its group
 * (`deployment.apps`). The namespace is the one in the text, else the one given. Throws `Failure` (KindUnknown).
 */
export async function findSubject(
  cluster: Cluster,
  text: SubjectText,
  namespace: string,
  signal: AbortSignal,
): Promise<Subject> {
  const kinds = await cluster.kinds(signal);
  const type = kinds.find((each) => goesBy(each, text.kind.toLowerCase()));
  if (type === undefined) throw unknown(cluster, text.kind, kinds);
  const { group, version, kind, namespaced } = type;
  const where = namespaced ? text.namespace || namespace : "";
  return {
    id: { group, kind, namespace: where, name: text.name },
    apiVersion: group === "" ? version : `${group}/${version}`,
  };
}

/** Tells whether a kind is Mooring's own Environment. */
export function isEnvironment(subject: Subject): boolean {
  return subject.id.kind === "Environment" && subject.apiVersion === apiVersion;
}

function namesOf({ kind, plural, shortNames = [] }: ResourceType): readonly string[] {
  return [kind.toLowerCase(), plural, ...shortNames];
}

function goesBy(type: ResourceType, word: string): boolean {
  return namesOf(type).some((name) => word === name || word === `${name}.${type.group}`);
}

function unknown(cluster: Cluster, word: string, kinds: readonly ResourceType[]): Failure {
  const near = nearest(word.toLowerCase(), kinds.flatMap(namesOf));
  const hint = near === undefined ? "see what there is with kubectl api-resources" : `did you mean ${near}?`;
  return new Failure("KindUnknown", { message: `${cluster.server} does not know the kind "${word}"`, hint });
}

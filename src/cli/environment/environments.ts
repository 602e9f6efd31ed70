import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Context } from "../command/command.ts";
import { nearest } from "../command/suggest.ts";

/** The namespace that Environments are in where neither flag nor context says another. */
export const usualNamespace = "mooring-system";

/** Does something with the cluster that the flags name, and closes the connection. Throws `Failure` (UsageInvalid). */
export async function withCluster<T>(
  context: Pick<Context, "connect" | "global" | "signal">,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const { kubeconfig, context: name, as: user, "as-group": asGroup } = context.global;
  const flags = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(name === undefined ? {} : { context: name }),
    ...(user === undefined ? {} : { as: user, asGroup }),
  };
  const cluster = await context.connect(flags, context.signal);
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}

/** The namespace a command works in: the flag's, the context's, or the one that Mooring is installed in. */
export function namespaceOf(context: Pick<Context, "global">, cluster: Cluster): string {
  const fromContext = cluster.defaultNamespace === "default" ? usualNamespace : cluster.defaultNamespace;
  return context.global.namespace ?? fromContext;
}

/** How an Environment is named on a command line, in a hint that can be typed as it is. */
export function asArgument({ namespace = "", name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === usualNamespace || namespace === "" ? name : `${name} -n ${namespace}`;
}

/** The reference of an Environment. */
export function environmentRef(namespace: string, name: string) {
  return { apiVersion, kind: "Environment", namespace, name };
}

/** The kinds of Mooring. */
export type MooringKind = "Environment" | "Promotion";

/** What is wanted of a kind, by name. */
export interface Named {
  readonly namespace: string;
  readonly names: readonly string[];
}

/** All of a kind in a namespace, or in every one where it is empty, sorted. Throws `Failure` (KindUnknown) where Mooring is not installed. */
export async function listKind(
  cluster: Cluster,
  kind: MooringKind,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const type = await cluster.resource(apiVersion, kind, signal);
  if (type === undefined) {
    const hint = "install Mooring first: mooring install";
    throw new Failure("KindUnknown", { message: `${cluster.server} does not know the kind ${kind}`, hint });
  }
  const { items } = await cluster.list(type, { namespace }, signal);
  const key = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`;
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The named ones of a kind, in that order. Throws one `Failure` (NotFound) for all that there are not. */
export async function findKind(
  cluster: Cluster,
  kind: MooringKind,
  wanted: Named,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const all = await listKind(cluster, kind, wanted.namespace, signal);
  const known = all.map(({ metadata }) => metadata.name);
  const missing = wanted.names.filter((name) => !known.includes(name));
  if (missing.length > 0) {
    throw new Failure(
      "NotFound",
      missing.map((name) => ({
        message: `there is no ${kind} "${name}"${wanted.namespace === "" ? "" : ` in namespace ${wanted.namespace}`}`,
        hint: whatThereIs(name, known, wanted.namespace),
      })),
    );
  }
  return wanted.names.flatMap((name) => all.filter(({ metadata }) => metadata.name === name));
}

/** One Environment. Throws `Failure`: NotFound, SpecInvalid, or KindUnknown where Mooring is not installed. */
export async function findEnvironment(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<Environment> {
  const [found] = await findKind(cluster, "Environment", { namespace, names: [name] }, signal);
  return readEnvironment(found);
}

function whatThereIs(name: string, known: readonly string[], namespace: string): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean ${near}?`;
  if (known.length === 0)
    return namespace === "" ? "there is none at all" : "there is none in it; look with -A, or name another with -n";
  return known.length === 1 ? `there is ${known[0]}` : `there are ${known.slice(0, 20).join(", ")}`;
}

/** A condition of an Environment or a Promotion whose spec may be invalid; `Unknown` where it has none of the type. */
export function readCondition(object: KubeObject, type: string) {
  const found = listAt(object, "status", "conditions").find((each) => stringAt(each, "type") === type);
  return {
    status: stringAt(found, "status") ?? "Unknown",
    reason: stringAt(found, "reason") ?? "",
    message: stringAt(found, "message") ?? "",
  };
}

/** Tells whether somebody has taken Mooring's hands off an Environment. */
export function isSuspended(environment: KubeObject): boolean {
  return objectAt(environment, "spec")?.suspend === true;
}

import type { Cluster } from "../../cluster/index.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import { type Check, ok, wrong } from "./finding.ts";

/** The oldest Kubernetes that the agent understands: aggregated discovery is on since then. */
const oldest = { major: 1, minor: 27 };
/** Beyond this, times in conditions and leases mislead. */
const skewLimitMs = 10_000;

/** What has to be true of a cluster before anything is installed. */
export function clusterChecks(
  cluster: Cluster,
  components: readonly KubeObject[],
  now: () => Date,
  signal: AbortSignal,
): readonly Check[] {
  return [
    { name: "Kubernetes", look: () => checkVersion(cluster, signal) },
    { name: "server-side apply", look: () => checkApply(cluster, signal) },
    { name: "clock", look: () => checkClock(cluster, now, signal) },
    { name: "your permissions", look: () => checkInstaller(cluster, components, signal) },
  ];
}

/** What is no release tells no version; that its discovery is understood says enough then. */
async function checkVersion(cluster: Cluster, signal: AbortSignal) {
  const version = await cluster.version(signal);
  await cluster.resource("v1", "Namespace", signal);
  const [, major = "0", minor = "0"] = /^v?([1-9]\d*)\.(\d+)/.exec(version) ?? [];
  const tooOld = Number(major) === oldest.major && Number(minor) < oldest.minor;
  if (!tooOld) return ok(`${version} at ${cluster.server}`);
  throw wrong(`${version} is too old`, `Mooring needs Kubernetes ${oldest.major}.${oldest.minor} or later`);
}

async function checkApply(cluster: Cluster, signal: AbortSignal) {
  const applied = await trial(cluster, signal);
  if (listAt(applied, "metadata", "managedFields").length > 0) return ok("works, and so do dry runs");
  throw wrong("the API server reports no field managers", "something in between removes managedFields");
}

async function checkClock(cluster: Cluster, now: () => Date, signal: AbortSignal) {
  const before = now().getTime();
  const theirs = Date.parse(stringAt(await trial(cluster, signal), "metadata", "creationTimestamp") ?? "");
  const after = now().getTime();
  if (Number.isNaN(theirs))
    throw wrong("the API server sends no time", "something in between removes creationTimestamp");
  // The API server's times are whole seconds, rounded down.
  const skew = theirs + 1000 < before ? theirs + 1000 - before : theirs > after ? theirs - after : 0;
  if (Math.abs(skew) <= skewLimitMs) return ok("this machine and the API server agree");
  const seconds = Math.round(Math.abs(skew) / 1000);
  const message = `this machine is ${seconds} s ${skew < 0 ? "ahead of" : "behind"} the API server`;
  return { status: "warning", message, hint: "correct the clock that is wrong" } as const;
}

/** A Namespace as it would come to be: nothing is written. */
async function trial(cluster: Cluster, signal: AbortSignal): Promise<KubeObject> {
  const labels = { "app.kubernetes.io/name": "mooring" };
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "mooring-dry-run", labels } };
  return (await cluster.apply(object, { dryRun: true, force: true }, signal)).object;
}

/** Everything that `mooring install` does, the granting of permissions among it (`bind`, `escalate`). */
async function checkInstaller(cluster: Cluster, components: readonly KubeObject[], signal: AbortSignal) {
  const refused = new Set<string>();
  for (const { apiVersion, kind, metadata } of components) {
    const type = await cluster.resource(apiVersion, kind, signal);
    if (type === undefined) throw wrong(`the cluster serves no ${kind} of ${apiVersion}`, "turn that API on");
    for (const verb of kind.endsWith("Role")
      ? ["get", "create", "patch", "bind", "escalate"]
      : ["get", "create", "patch"]) {
      const { namespace } = metadata;
      const deed = {
        verb,
        group: groupOf(apiVersion),
        resource: type.plural,
        ...(namespace === undefined ? {} : { namespace }),
      };
      if (!(await cluster.allowed(deed, signal))) refused.add(`${verb} ${type.plural}`);
    }
  }
  if (refused.size === 0) return ok("sufficient to install and upgrade");
  throw wrong(`you may not ${[...refused].join(", ")}`, "install as somebody who may, such as a cluster-admin");
}

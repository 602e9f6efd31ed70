import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import { isObject, listAt, objectAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { isError, withObject } from "./rejection.ts";

/**
 * Why the API server would not create an object, or undefined where it would: a dry run under another name, so that the
 * answer does not depend on the existing object. Conflicts with that object alone, a full quota or a port in use, are no
 * reason. Throws `Failure`: Forbidden, and where the API cannot answer.
 */
export async function whyNotCreated(
  target: ApplyTarget,
  { manifest, object }: { readonly manifest: Manifest; readonly object: KubeObject },
  signal: AbortSignal,
): Promise<Failure | undefined> {
  try {
    await target.cluster.create(underAnotherName(object), signal, { dryRun: true });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (thrown.problems.every((problem) => isOwnConflict(thrown, problem.field, problem.message))) return undefined;
    const { code, problems } = withObject(thrown, manifest);
    const refusal = new Failure(
      code,
      problems.map((problem) => ({ ...problem, object: describeId(manifest.id) })),
    );
    if (isError(thrown)) throw refusal;
    return refusal;
  }
}

function isOwnConflict({ code }: Failure, field: string | undefined, message: string): boolean {
  return code === "QuotaExceeded" || field === "metadata.name" || /already (?:allocated|exists|in use)/.test(message);
}

/** As long as the real name, since some may only have so many characters, with the same beginning, which some must have. */
function underAnotherName(object: KubeObject): KubeObject {
  const { name, namespace = "" } = object.metadata;
  const digits = createHash("sha256").update(`${namespace}/${name}`).digest("hex").slice(0, Math.min(6, name.length));
  const other = { ...object, metadata: { ...object.metadata, name: `${name.slice(0, -digits.length)}${digits}` } };
  return object.kind === "Service" ? withoutAddresses(other) : other;
}

/** Addresses and node ports are taken by the existing Service. */
function withoutAddresses(service: KubeObject): KubeObject {
  const { clusterIP, clusterIPs: _clusterIPs, healthCheckNodePort: _port, ...spec } = objectAt(service, "spec") ?? {};
  const ports = listAt(service, "spec", "ports").map((port) => {
    if (!isObject(port)) return port;
    const { nodePort: _nodePort, ...rest } = port;
    return rest;
  });
  const headless = clusterIP === "None" ? { clusterIP } : {};
  return { ...service, spec: { ...spec, ...headless, ...(ports.length === 0 ? {} : { ports }) } };
}

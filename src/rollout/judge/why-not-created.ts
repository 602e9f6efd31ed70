import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import { isObject, listAt, objectAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { isError, named } from "./rejection.ts";

/**
 * Why the API server would not create an object, or undefined where it would: asked under another name, so that the answer
 * does not depend on what is there by its own name. What only the old object stands in the way of, a quota or a port that is
 * taken, is no reason. Throws `Failure`: Forbidden, and what is an error of the way there.
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
    if (thrown.problems.every((problem) => isInTheWay(thrown, problem.field, problem.message))) return undefined;
    const { code, problems } = named(thrown, manifest);
    const told = new Failure(
      code,
      problems.map((problem) => ({ ...problem, object: describeId(manifest.id) })),
    );
    if (isError(thrown)) throw told;
    return told;
  }
}

function isInTheWay({ code }: Failure, field: string | undefined, message: string): boolean {
  return code === "QuotaExceeded" || field === "metadata.name" || /already (?:allocated|exists|in use)/.test(message);
}

/** As long as the real one, as some names may only have so many characters, and beginning alike, as some must. */
function underAnotherName(object: KubeObject): KubeObject {
  const { name, namespace = "" } = object.metadata;
  const digits = createHash("sha256").update(`${namespace}/${name}`).digest("hex").slice(0, Math.min(6, name.length));
  const other = { ...object, metadata: { ...object.metadata, name: `${name.slice(0, -digits.length)}${digits}` } };
  return object.kind === "Service" ? withoutAddresses(other) : other;
}

/** Addresses and node ports belong to the one that has them. */
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

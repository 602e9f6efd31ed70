import { isObject } from "../model/json/json.ts";
import type { Manifest } from "../model/manifest.ts";
import type { RemoteReference } from "../model/remote.ts";
import { isResources } from "../render/index.ts";
import type { Owner } from "./lanes/fair-queue.ts";
import { type Sandbox, withoutFiles } from "./sandbox.ts";
import { type BuildStage, buildHere } from "./stages/build.ts";
import { cachedSearch } from "./stages/search-cache.ts";
import { type FindStageRemotes, findStageRemotes } from "./stages/stages.ts";
import { invalidMessage } from "./worker/protocol.ts";

/** How the files of an Environment are worked with. */
export interface Rendering {
  readonly build: BuildStage;
  readonly findRemotes: FindStageRemotes;
  /** Whether a text from elsewhere is what a kustomization takes as resources; as `isResources`. */
  readonly isResources: (content: Uint8Array) => boolean | Promise<boolean>;
}

/** Here and now: for whoever works with files of their own. */
export const renderingHere: Rendering = { build: buildHere, findRemotes: findStageRemotes, isResources };

/** In workers, which throws as `Sandbox.run` does beside. */
export function sandboxedRendering(sandbox: Sandbox, owner: Owner): Rendering {
  return {
    build: sandboxedBuild(sandbox, owner),
    findRemotes: sandboxedSearch(sandbox, owner),
    isResources: async (content) => {
      const [answer] = await sandbox.run(owner, { kind: "isResources", content }, withoutFiles);
      return answer === true;
    },
  };
}

function sandboxedBuild(sandbox: Sandbox, owner: Owner): BuildStage {
  return async (tree, request, signal) => {
    const manifests: Manifest[] = [];
    let size = 0;
    const trace = new Map<string, string>();
    for (const part of await sandbox.run(owner, { kind: "build", request }, tree, signal)) {
      const its = asBuiltPart(part);
      for (const each of its.manifests) manifests.push(asManifest(each));
      for (const each of its.trace) trace.set(...asAnswer(each));
      size += its.size;
    }
    return { manifests, trace, size };
  };
}

/** A part of an answer holds one of these. */
function asBuiltPart(part: unknown) {
  if (!isObject(part)) throw invalidMessage();
  const { manifests = [], size = 0 } = part;
  if (Array.isArray(manifests) && typeof size === "number") return { manifests, trace: asTrace(part), size };
  throw invalidMessage();
}

function asTrace({ trace = [] }: Readonly<Record<string, unknown>>): readonly unknown[] {
  if (Array.isArray(trace)) return trace;
  throw invalidMessage();
}

function sandboxedSearch(sandbox: Sandbox, owner: Owner): FindStageRemotes {
  return cachedSearch(async (tree, spec, remotes, signal) => {
    const references: RemoteReference[] = [];
    const trace = new Map<string, string>();
    for (const part of await sandbox.run(owner, { kind: "remotes", spec, remotes }, tree, signal)) {
      if (!isObject(part)) throw invalidMessage();
      for (const each of asTrace(part)) trace.set(...asAnswer(each));
      if (part.reference !== undefined) references.push(asReference(part.reference));
    }
    return { references, trace };
  });
}

/** Narrows what comes from a worker to as much as everything after it relies on. */
export function asManifest(value: unknown): Manifest {
  if (!isObject(value) || !isObject(value.id) || !isObject(value.origin) || !isObject(value.object))
    throw invalidMessage();
  const { id, origin, object, sensitive, digest } = value;
  const texts = [id.group, id.kind, id.namespace, id.name, origin.file, object.apiVersion, object.kind, digest];
  if (!texts.every((text) => typeof text === "string")) throw invalidMessage();
  if (typeof sensitive !== "boolean" || !Array.isArray(origin.chain) || !isObject(object.metadata))
    throw invalidMessage();
  return value as unknown as Manifest;
}

function asAnswer(value: unknown): [question: string, answer: string] {
  const [question, answer] = Array.isArray(value) ? value : [];
  if (typeof question !== "string" || typeof answer !== "string") throw invalidMessage();
  return [question, answer];
}

function asReference(value: unknown): RemoteReference {
  if (!isObject(value) || typeof value.text !== "string" || typeof value.role !== "string") throw invalidMessage();
  if (!isObject(value.place)) throw invalidMessage();
  return value as unknown as RemoteReference;
}

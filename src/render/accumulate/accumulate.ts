import { Failure, type Problem } from "../../model/failure.ts";
import { enter, type Loader, type PathTarget as Located, locate, readWithin, refuseAmbiguous } from "../load/loader.ts";
import { readResources } from "../load/read-resources.ts";
import { locationFrom } from "../provenance/location.ts";
import { noteOrigin } from "../provenance/provenance.ts";
import type { Accumulation, KustomizationScope } from "./build.ts";
import { addConfigurations, joinConfigurations } from "./configurations.ts";
import { emptyAccumulation } from "./empty.ts";
import { runGenerators } from "./generators.ts";
import { runValidators } from "./plugins/validators.ts";
import { openTarget } from "./target.ts";
import { runTransformers } from "./transformers.ts";
import { mergeVars } from "./vars.ts";

/**
 * Adds what a kustomization says to what has come together: its resources, what it generates, its components, and then
 * its transformations of all of it. A component goes on with what its parent has; any other starts from nothing.
 * Throws `Failure` with the kustomization's file in every problem that does not name another.
 */
export async function accumulate(target: KustomizationScope, into: Accumulation): Promise<void> {
  const { kustomization } = target;
  await withContext(target, () => addAll(target, into, kustomization.resources));
  await withContext(target, async () => {
    into.config = await addConfigurations(target, into.config);
    await runGenerators(target, into);
  });
  for (const path of kustomization.components ?? []) {
    await withContext(target, () => addComponent(target, into, path), "components");
  }
  await withContext(target, async () => {
    await runTransformers(target, into);
    await runValidators(target, into);
    mergeVars(into, kustomization.vars ?? []);
  });
}

/** Adds the objects of files, and what other kustomizations come to; collects what is wrong with several of them. */
export async function addAll(target: KustomizationScope, into: Accumulation, paths: readonly string[]): Promise<void> {
  const problems: Problem[] = [];
  let first: Failure | undefined;
  for (const path of paths) {
    try {
      await addResource(target, into, path);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code === "Bug" || thrown.code === "InputTooLarge") throw thrown;
      first ??= thrown;
      problems.push(
        ...thrown.problems.map((problem) =>
          problem.file === undefined ? { field: "resources", ...problem } : problem,
        ),
      );
    }
  }
  if (first !== undefined) throw new Failure(first.code, problems, { cause: first });
}

async function addResource(target: KustomizationScope, into: Accumulation, path: string): Promise<void> {
  const found = await locate(target.loader, path, "any");
  if (found.kind === "directory") return addDirectory(target, into, { path, found, component: false });
  const content = await readWithin(target.loader, found, path);
  const resources = readResources(content, { file: found.path, chain: target.context.chain });
  if (target.build.metadata.length > 0) {
    for (const resource of resources) noteOrigin(resource, locationFrom(target.location, path));
  }
  into.set.appendAll(resources);
}

async function addComponent(target: KustomizationScope, into: Accumulation, path: string): Promise<void> {
  const found = await locate(target.loader, path, "folder");
  if (found.kind === "file") {
    throw new Failure("KustomizationInvalid", {
      message: `a component is a directory, but '${path}' is a file: must build at directory: ${found.path}`,
    });
  }
  await addDirectory(target, into, { path, found, component: true });
}

async function addDirectory(
  target: KustomizationScope,
  into: Accumulation,
  { path, found, component }: { readonly path: string; readonly found: Located; readonly component: boolean },
): Promise<void> {
  if (found.repository === undefined) refuseAmbiguous(path);
  const below = await descend(target, path, found);
  const { kind } = below.kustomization;
  if ((kind === "Component") !== component) {
    const expected = component ? "expected kind 'Component'" : "expected kind != 'Component'";
    throw new Failure("KustomizationInvalid", {
      message: `${expected} for path '${below.loader.root}' but got '${kind}'`,
      hint: component ? "list it under resources" : "list it under components",
      field: component ? "components" : "resources",
    });
  }
  if (component) return accumulate(below, into);
  const inner = emptyAccumulation(target.build);
  await accumulate(below, inner);
  into.set.appendAll(inner.set.resources);
  into.config = joinConfigurations(into.config, inner.config);
  for (const variable of inner.vars.values()) mergeVars(into, [variable], { bound: true });
}

async function descend(target: KustomizationScope, path: string, found: Located): Promise<KustomizationScope> {
  const loader: Loader = enter(target.loader, found, path);
  return openTarget(target.build, loader, {
    chain: target.context.chain,
    location: locationFrom(target.location, path),
    helmNamespace: target.kustomization.namespace || target.helmNamespace,
  });
}

/** Runs something for a kustomization; problems that do not say where they are, are in the kustomization. */
export async function withContext(
  target: KustomizationScope,
  run: () => Promise<void> | void,
  field?: string,
): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    throw inContext(target, thrown, field);
  }
}

function inContext({ context }: KustomizationScope, thrown: unknown, field: string | undefined): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  const problems = thrown.problems.map((problem) => ({
    ...context,
    ...(field !== undefined && problem.file === undefined && { field }),
    ...problem,
  }));
  return new Failure(thrown.code, problems, { cause: thrown });
}

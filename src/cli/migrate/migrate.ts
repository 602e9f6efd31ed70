import type { Problem } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { environmentOf } from "./environment.ts";
import { fluxObjects } from "./flux-objects.ts";
import { replacementOf } from "./replacements.ts";
import { type FluxObject, nameOf, type Tell } from "./report.ts";

/** What a migration comes to. */
export interface Migration {
  readonly environments: readonly KubeObject[];
  /** What has no equivalent, or means something else, in the order of the objects. */
  readonly report: readonly Problem[];
}

const is = (kind: string) => (each: FluxObject) => each.object.kind === kind;

/** A text that may hold objects of Flux, and the file that it is from. */
export interface Text {
  readonly path: string;
  readonly text: string;
}

/** Makes Environments of the objects of Flux in these texts. */
export function migrateFlux(texts: readonly Text[]): Migration {
  const report: Problem[] = [];
  const tell: Tell = (problem) => {
    if (!report.some((each) => JSON.stringify(each) === JSON.stringify(problem))) report.push(problem);
  };
  const flux = texts.flatMap(({ path, text }) => fluxObjects(text, path, tell));
  const repositories = flux.filter(is("GitRepository"));
  const environments = flux.filter(is("Kustomization")).flatMap((kustomization) => {
    if (kustomization.object.metadata.name === "flux-system") {
      const message = "is Flux itself";
      tell({ ...placeOf(kustomization), message, hint: "mooring bootstrap does the same for the agent" });
      return [];
    }
    const repository = repositoryOf(kustomization, repositories);
    if (repository !== undefined) return [environmentOf(kustomization, repository, tell)];
    tellSourceless(kustomization, tell);
    return [];
  });
  for (const each of flux) {
    if (is("Kustomization")(each) || is("GitRepository")(each)) continue;
    tell({ ...placeOf(each), message: "has no equivalent", hint: replacementOf(each.object.kind) });
  }
  return { environments, report };
}

function repositoryOf({ object }: FluxObject, repositories: readonly FluxObject[]): FluxObject | undefined {
  if (stringAt(object, "spec", "sourceRef", "kind") !== "GitRepository") return undefined;
  const name = stringAt(object, "spec", "sourceRef", "name");
  const namespace = stringAt(object, "spec", "sourceRef", "namespace") ?? object.metadata.namespace;
  return repositories.find(({ object: { metadata } }) => metadata.name === name && metadata.namespace === namespace);
}

function tellSourceless(kustomization: FluxObject, tell: Tell): void {
  const kind = stringAt(kustomization.object, "spec", "sourceRef", "kind") ?? "none";
  const name = stringAt(kustomization.object, "spec", "sourceRef", "name") ?? "";
  const place = { ...placeOf(kustomization), field: "spec.sourceRef" };
  if (kind !== "GitRepository") tell({ ...place, message: `is a ${kind}`, hint: replacementOf(kind) });
  else
    tell({
      ...place,
      message: `there is no GitRepository ${name} here`,
      hint: "include the folder or the list that contains it",
    });
}

const placeOf = ({ file, object }: FluxObject) => ({ file, object: nameOf(object) });

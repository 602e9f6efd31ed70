import type { RemoteRole } from "../../model/remote.ts";
import type { Kustomization } from "./kustomization.ts";

/** A path that a kustomization names, and where in its file it stands. */
export interface NamedPath {
  readonly text: string;
  readonly role: RemoteRole;
  readonly at: readonly (string | number)[];
}

/**
 * Every path that a kustomization names, charts aside: what it takes as it is, and files that it reads. Of entries that may
 * be written out in the place of a path only those are among them that are on one line.
 */
export function namedPaths(kustomization: Kustomization): readonly NamedPath[] {
  const { resources, components, generators, transformers, validators } = kustomization;
  return [
    ...entries("any", "resources", resources),
    ...entries("any", "generators", generators),
    ...entries("folder", "components", components),
    ...entries("any", "transformers", transformers),
    ...entries("any", "validators", validators),
    ...namedFiles(kustomization),
  ].filter(({ text }) => text !== "" && !/[\n{]/.test(text));
}

function namedFiles(kustomization: Kustomization): readonly NamedPath[] {
  const { configurations, crds, openapi, patches, patchesJson6902, patchesStrategicMerge } = kustomization;
  const schema = openapi?.get("path");
  return [
    ...entries("file", "configurations", configurations),
    ...entries("file", "crds", crds),
    ...(schema === undefined ? [] : [{ text: schema, role: "file", at: ["openapi", "path"] } as const]),
    ...entries("file", "patchesStrategicMerge", patchesStrategicMerge),
    ...pathsOf("patches", patches),
    ...pathsOf("patchesJson6902", patchesJson6902),
    ...pathsOf("replacements", kustomization.replacements),
    ...generatorFiles("configMapGenerator", kustomization.configMapGenerator),
    ...generatorFiles("secretGenerator", kustomization.secretGenerator),
  ];
}

function entries(role: RemoteRole, field: string, texts: readonly string[] = []): readonly NamedPath[] {
  return texts.map((text, index) => ({ text, role, at: [field, index] }));
}

function pathsOf(field: string, items: readonly { readonly path?: string }[] = []): readonly NamedPath[] {
  return items.map(({ path = "" }, index) => ({ text: path, role: "file", at: [field, index, "path"] }));
}

interface Generator {
  readonly files?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
}

/** A file of a generator may have its key before it: `key=path`. */
function generatorFiles(field: string, generators: readonly Generator[] = []): readonly NamedPath[] {
  return generators.flatMap(({ files = [], envs = [], env = "" }, index): NamedPath[] => [
    ...files.map((text, number) => ({
      text: text.replace(/^[^=]*=/, ""),
      role: "file" as const,
      at: [field, index, "files", number],
    })),
    ...envs.map((text, number) => ({ text, role: "file" as const, at: [field, index, "envs", number] })),
    { text: env, role: "file" as const, at: [field, index, "env"] },
  ]);
}

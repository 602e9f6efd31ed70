import { Failure, type Problem } from "../../model/failure.ts";
import { describeResId } from "../resource/res-id.ts";
import { currentId, metaTexts, type Resource } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { cloneMap, isList, isMap, newMap, type Value, type ValueMap } from "../value/value.ts";
import { emitYaml, parseSettings } from "../yaml/index.ts";
import { expandTemplate, VariableNotSet } from "./template.ts";
import { TemplateInvalid } from "./template-invalid.ts";

/** Variables, and whether one that is not set is an error (else it is empty). */
export interface Substitution {
  readonly variables: Readonly<Record<string, string>>;
  readonly strict: boolean;
}

const annotations = ["mooring.dev/substitute", "kustomize.toolkit.fluxcd.io/substitute"];

/**
 * Puts variables into objects, in the text of each as YAML, so that what is put in may be a number or a list. Left alone
 * are objects annotated or labelled `substitute: disabled`, and what the schemas of custom resource definitions describe.
 * Without any variable nothing is done, as in Flux. An object with encrypted values is kept beside as it was: as in Flux it
 * is decrypted first (`substituteOpened`), and what is put in here only tells what it will be called.
 * Throws `Failure` (RenderFailed) naming every variable that is not set with the file and object that ask for it, and
 * (KustomizationInvalid) every variable whose name is none.
 * Source: github.com/fluxcd/pkg/kustomize/kustomize_varsub.go.
 */
export function substituteVariables(set: ResourceSet, { variables, strict }: Substitution): void {
  if (Object.keys(variables).length === 0) return;
  refuseNames(Object.keys(variables));
  const lookUp = lookUpIn({ variables, strict }, (length) => set.budget.text(length));
  const problems: Problem[] = [];
  for (const resource of set.resources) {
    if (!isWanted(resource)) continue;
    try {
      substituteIn(resource, lookUp);
    } catch (thrown) {
      const object = describeResId(currentId(resource, set.scope));
      problems.push(...problemsOf(thrown).map((problem) => ({ ...problem, object, ...resource.origin })));
    }
  }
  if (problems.length > 0) throw new Failure("RenderFailed", problems);
  set.idsChanged();
  set.assertUnique();
}

/** Finds the values, and tells how long each is before it is put in; line breaks in them are dropped, as in Flux. */
export function lookUpIn({ variables, strict }: Substitution, spend: (length: number) => void): LookUp {
  const values = new Map(Object.entries(variables).map(([name, value]) => [name, value.replaceAll("\n", "")]));
  return (name) => {
    const value = values.get(name);
    spend(value?.length ?? 0);
    return value ?? (strict ? undefined : "");
  };
}

function isWanted(resource: Resource): boolean {
  const said = annotations.flatMap((name) =>
    (["annotations", "labels"] as const).map((part) => metaTexts(resource, part).get(name)?.toLowerCase()),
  );
  return !said.includes("disabled");
}

function substituteIn(resource: Resource, lookUp: LookUp): void {
  const { sops } = resource.value;
  const isEncrypted = isMap(sops) && ("mac" in sops || "lastmodified" in sops);
  if (!isEncrypted) {
    resource.value = substituted(resource.value, lookUp, resource.origin.file);
    return;
  }
  resource.unsubstituted = cloneMap(resource.value);
  // What SOPS says of itself has dollar signs of its own: those of patterns.
  const { sops: _, ...plain } = resource.value;
  const value = substituted(Object.assign(newMap(), plain), lookUp, resource.origin.file);
  value.sops = sops;
  resource.value = value;
}

function substituted(value: ValueMap, lookUp: LookUp, file: string): ValueMap {
  const descriptions: string[] = [];
  const text = emitYaml(value.kind === "CustomResourceDefinition" ? withoutDescriptions(value, descriptions) : value);
  if (!text.includes("$")) return value;
  const read = parseSettings(expandTemplate(text, lookUp), file)?.value;
  if (!isMap(read)) throw new TemplateInvalid("with the variables put in, the object is no longer a map");
  if (descriptions.length > 0) putBack(read, descriptions);
  return read;
}

/** What stands for a description while variables are put in: examples in it look like variables and are none. */
const placeholder = "mooring-description-";

function withoutDescriptions(map: ValueMap, kept: string[]): ValueMap {
  const copy = newMap();
  for (const key in map) {
    const member = map[key] ?? null;
    if (key !== "description" || typeof member !== "string") copy[key] = withoutIn(member, kept);
    else copy[key] = `${placeholder}${kept.push(member) - 1}`;
  }
  return copy;
}

function withoutIn(value: Value, kept: string[]): Value {
  if (isList(value)) return value.map((item) => withoutIn(item, kept));
  return isMap(value) ? withoutDescriptions(value, kept) : value;
}

function putBack(value: Value, kept: readonly string[]): void {
  if (isList(value)) for (const item of value) putBack(item, kept);
  if (!isMap(value)) return;
  for (const key in value) {
    const member = value[key] ?? null;
    if (key !== "description" || typeof member !== "string") putBack(member, kept);
    else value[key] = kept[Number(member.replace(placeholder, ""))] ?? member;
  }
}

type LookUp = (name: string) => string | undefined;

function problemsOf(thrown: unknown): readonly Problem[] {
  if (thrown instanceof VariableNotSet) {
    return thrown.names.map((name) => ({
      message: `variable not set (strict mode): "${name}"`,
      hint: `set it in postBuild, give a default as in \${${name}:=default}, write $\${${name}} for the text itself, or set postBuild.strict to false to replace it by nothing`,
    }));
  }
  if (thrown instanceof TemplateInvalid) return [{ message: `variable substitution failed: ${thrown.message}` }];
  if (thrown instanceof Failure && thrown.code === "YamlInvalid") {
    return thrown.problems.map(({ message }) => ({
      message: `invalid YAML after variable substitution: ${message}`,
    }));
  }
  throw thrown;
}

function refuseNames(names: readonly string[]): void {
  const wrong = names.filter((name) => !/^[_A-Za-z][_A-Za-z0-9]*$/.test(name));
  if (wrong.length === 0) return;
  throw new Failure(
    "KustomizationInvalid",
    wrong.map((name) => ({
      message: `'${name}' is not a valid variable name`,
      field: "postBuild.substitute",
      hint: "names are letters, digits and _, and do not begin with a digit",
    })),
  );
}

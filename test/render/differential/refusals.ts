import type { Failure, FailureCode, Problem } from "../../../src/model/failure.ts";
import type { Environment } from "./overlays.ts";

/** Something that kustomize builds and Mooring refuses: a row of docs/kustomize.md. */
export interface Refusal {
  /** The first column of the row. */
  readonly what: string;
  readonly code: FailureCode;
  /** The message of each problem. */
  readonly says: RegExp;
  /** Whether an environment holds what is refused, so that a failure of those words about anything else does not pass. */
  readonly isIn: (files: readonly string[], problem: Problem) => boolean;
  readonly examples: readonly Environment[];
}

const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
const widget = (spec: string) => `apiVersion: e/v1\nkind: Widget\nmetadata: {name: w}\nspec: ${spec}\n`;

const overlay = (files: Environment): Environment =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`overlay/${path}`, text]));

const replaced = (path: string, object: string, value = "NEW"): Environment =>
  overlay({
    "kustomization.yaml": `resources: [r.yaml]
replacements: [{sourceValue: ${value}, targets: [{select: {kind: ".*"}, fieldPaths: ["${path}"]}]}]
`,
    "r.yaml": object,
  });

const patched = (object: string, patch: string): Environment =>
  overlay({
    "kustomization.yaml": "resources: [r.yaml]\npatches: [{path: p.yaml}]\n",
    "r.yaml": object,
    "p.yaml": patch,
  });

const some = (pattern: RegExp) => (files: readonly string[]) => files.some((text) => pattern.test(text));

/** Whether a replacement leads to the field, and `pattern` is what the text looks like that it leads into. */
const replacesWithin =
  (pattern: RegExp) =>
  (files: readonly string[], { field = "" }: Problem) =>
    files.some((text) => text.includes(field)) && field.split(".").length > 2 && some(pattern)(files);

/** What is said of a replacement that leads into a text which stays as it was. */
const leadsIntoText = /^unable to find field ".*": '.*' asks for a (?:map|list), found a string$/s;

/** Whether a key is there twice in one file, and a patch of another takes something away. */
const takenAway = (files: readonly string[], { message }: Problem) => {
  const key = /^the key "(.*)" is already/.exec(message)?.[1] ?? "";
  return (
    files.some((text) => text.split(new RegExp(`\\b${RegExp.escape(key)}"?:`)).length > 2) &&
    some(/: *null|\$patch"?: *"?(?:delete|replace)|"?op"?: *"?remove/)(files)
  );
};

const allAnnotations = ["metadata.annotations", "metadata"];

/** All rows, in their order. */
export const refusals: readonly Refusal[] = [
  {
    what: "A line of an env file with 64 KiB or more",
    code: "KustomizationInvalid",
    says: /^a line of an env file must be shorter than 64 KiB$/,
    isIn: some(/^.{65535}/m),
    examples: [
      overlay({
        "kustomization.yaml": "configMapGenerator: [{name: c, envs: [e.env]}]\n",
        "e.env": `a=b\nb=${"x".repeat(70_000)}\nc=d\n`,
      }),
    ],
  },
  {
    what: "Text behind `...` in a file of objects",
    code: "YamlInvalid",
    says: /^".*" behind the end of the document$/,
    isIn: some(/^\.\.\.[^\n]*\n(?:\s*\n|#[^\n]*\n)*(?!---|\s|#|$)/m),
    examples: [overlay({ "kustomization.yaml": "resources: [r.yaml]\n", "r.yaml": `${config}...\nlost: x\n` })],
  },
  {
    what: "A replacement into a text that holds several YAML documents",
    code: "RenderFailed",
    says: /^the text holds more than one YAML document, /,
    isIn: replacesWithin(/\n\s*---|\\n---/),
    examples: [replaced("data.t.a", `${config}data:\n  t: |\n    a: b\n    ---\n    c: d\n`)],
  },
  {
    what: "A replacement into JSON text that would not be valid JSON, such as a string in place of a number",
    code: "RenderFailed",
    says: leadsIntoText,
    isIn: replacesWithin(/: *['"|]-?\s*[{[]/),
    examples: [replaced("data.j.a", `${config}data: {j: '{"a": 1}'}\n`)],
  },
  {
    what: "A replacement into YAML or JSON text in an item of a list that is found by `*` or by a pattern",
    code: "RenderFailed",
    says: leadsIntoText,
    isIn: (_, { field = "" }) => /(?:^|\.)(?:\*|\[[^\]]*[^\w\-=\]][^\]]*\])\./.test(field),
    examples: ["spec.l.*.t.a", "spec.l.[n=x.*].t.a"].map((path) => replaced(path, widget('{l: [{n: x1, t: "a: b"}]}'))),
  },
  {
    what: "A pattern of a replacement that holds the quotes in which a text of a list stands",
    code: "RenderFailed",
    says: /^unable to find field ".*": the pattern depends on the quotes around a text$/,
    isIn: (_, { field = "" }) => /\[[^\]]*["'][^\]]*\]/.test(field),
    examples: [replaced("spec.l.[n=^'x'$].v", widget("{l: [{n: 'x', v: y}]}"))],
  },
  {
    what: "A patch's or an object's list item whose key is null (`- name: null`)",
    code: "RenderFailed",
    says: /^the patch does not fit: an item has a null \w+, which identifies the items of this list$/,
    isIn: some(/"?\b(?:name|key|containerPort|mountPath|port|ip|devicePath|topologyKey|type|uid)"?: *(?:null|~)/i),
    examples: [
      patched(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}, {name: b}]}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: null, image: x}]}\n",
      ),
    ],
  },
  {
    what: "A patch that removes a key which the object has twice",
    code: "YamlInvalid",
    says: /^the key ".*" is already defined on line \d+$/,
    isIn: takenAway,
    examples: [
      patched(`${config}data: {a: b, a: c, d: e}\n`, `${config}data: {a: null}\n`),
      patched(`${config}data: {a: b}\ndata: {a: c}\n`, `${config}data: null\n`),
    ],
  },
  {
    what: "A JSON patch or a replacement that copies all annotations of an object",
    code: "RenderFailed",
    says: /^the (?:replacement copies annotations|patch copies metadata\.annotations) as a whole, /,
    isIn: (files, { field = "" }) =>
      files.some((text) =>
        allAnnotations.includes(field)
          ? /"?fieldPath"?: *"?metadata(?:\.annotations)?"?/.test(text)
          : /"?from"?: *"?\/metadata(?:\/annotations)?\b(?!\/)/.test(text),
      ),
    examples: [
      overlay({
        "kustomization.yaml": `resources: [r.yaml, w.yaml]
namePrefix: p-
components: [c]
`,
        "c/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: q-
replacements:
- source: {kind: ConfigMap, fieldPath: metadata.annotations}
  targets: [{select: {kind: Widget}, fieldPaths: [spec.a]}]
`,
        "r.yaml": config,
        "w.yaml": widget("{a: {b: c}}"),
      }),
    ],
  },
  {
    what: "More than 1,000 levels of nesting",
    code: "InputTooLarge",
    says: /^nested deeper than 1000 levels$/,
    isIn: some(/(?:[{[][^{}[\]]*){900}/),
    examples: [
      overlay({
        "kustomization.yaml": "resources: [r.yaml]\n",
        "r.yaml": `${config}data: ${"{a: ".repeat(1_100)}b${"}".repeat(1_100)}\n`,
      }),
    ],
  },
];

/** Whether a failure is one of those, and of nothing else beside: by its code, its words and what the environment holds. */
export const isRefusedOnPurpose = (environment: Environment, { code, problems }: Failure): boolean =>
  refusals.some(
    (one) =>
      one.code === code &&
      problems.every((problem) => one.says.test(problem.message) && one.isIn(Object.values(environment), problem)),
  );

import { CelError, celObject, compileCel } from "../../../src/health/cel/cel.ts";
import { compilePattern, PatternInvalid } from "../../../src/model/text/pattern.ts";
import { matchesWildcardList } from "../../../src/model/text/wildcard.ts";
import { compileIgnoreRules } from "../../../src/plan/index.ts";
import { readSelector } from "../../../src/plan/ownership/selector.ts";
import { memoryTree, render, renderYaml } from "../../../src/render/index.ts";
import { LabelSelectorInvalid, parseLabelSelector } from "../../../src/render/transform/select/label-selector.ts";
import { FieldPathInvalid, parseElementStep, parseFieldPath } from "../../../src/render/value/field-path.ts";
import { map, objectOf } from "./objects.ts";
import type { Parser } from "./parser.ts";

/** Builds a tree in which the text stands in one place. */
const built =
  (file: string, others: Readonly<Record<string, string>>) =>
  async (text: string): Promise<string> =>
    renderYaml(await render(memoryTree({ "a.yaml": map, ...others, [file]: text }), "."));

const dollar = "$";

/** What turns a tree into objects, and the patterns in it. */
export const parsersOfRepositories: readonly Parser[] = [
  // render
  {
    name: "kustomization",
    seeds: ["resources: [a.yaml]\nlabels: [{pairs: {a: b}}]\nimages: [{name: (a+)+$, newTag: x}]\n"],
    read: built("kustomization.yaml", {}),
  },
  {
    name: "yaml",
    seeds: [map, "- a\n- &x {b: c}\n- *x\n"],
    read: built("a.yaml", { "kustomization.yaml": "resources: [a.yaml]" }),
  },
  {
    name: "env-file",
    seeds: ["a=b\n__proto__=x\nconstructor=y\n# c\n"],
    read: built("a.env", { "kustomization.yaml": "configMapGenerator: [{name: g, envs: [a.env]}]" }),
  },
  {
    name: "generator-file",
    seeds: ["a\n", "\u0001\u0002"],
    read: built("__proto__", {
      "kustomization.yaml": "configMapGenerator: [{name: g, files: [__proto__, constructor=__proto__]}]",
    }),
  },
  {
    name: "json-patch",
    seeds: [
      '[{"op": "add", "path": "/__proto__/x", "value": 1}]',
      '[{"op": "copy", "from": "/data", "path": "/metadata/annotations"}]',
      "- {op: replace, path: /data/constructor/prototype, value: 1}",
    ],
    read: built("p.yaml", {
      "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]",
    }),
  },
  {
    name: "strategic-patch",
    seeds: [
      `${map}  constructor: {prototype: x}\n`,
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n__proto__: {x: 1}\n$patch: merge\n",
    ],
    read: built("p.yaml", { "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]" }),
  },
  {
    name: "replacements",
    seeds: [
      "- source: {kind: ConfigMap, fieldPath: data.toString}\n  targets: [{select: {kind: .*}, fieldPaths: [metadata.labels.__proto__], options: {create: true}}]\n",
    ],
    read: built("r.yaml", { "kustomization.yaml": "resources: [a.yaml]\nreplacements: [{path: r.yaml}]" }),
  },
  {
    name: "transformer-configuration",
    seeds: ["namePrefix: [{path: metadata/__proto__, create: true}]\nvarReference: [{path: data}]\n"],
    read: built("c.yaml", { "kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\nconfigurations: [c.yaml]" }),
  },
  {
    name: "variables",
    seeds: [
      `${dollar}{__proto__} ${dollar}{constructor:=x} ${dollar}{a/b/c} ${dollar}$\{d}`,
      `${dollar}{a:0:1}${dollar}{#a}${dollar}{a//(a+)+/b}`,
    ],
    read: (text) => {
      const variables = Object.fromEntries([
        ["constructor", text],
        ["a", text.slice(0, 9)],
      ]);
      const tree = memoryTree({
        "a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: ${JSON.stringify(text)}}\n`,
      });
      return render(tree, ".", { plainFolders: true, post: { substitute: { variables, strict: false } } });
    },
  },
  {
    name: "field-path",
    seeds: ["spec.containers.[name=a].image", "a.\\.b.__proto__"],
    read: (text) => parseFieldPath(text).map(parseElementStep),
    refusals: [FieldPathInvalid],
  },
  {
    name: "label-selector",
    seeds: ["a=b,c in (d, e),!f,g>1", "constructor"],
    read: (text) => parseLabelSelector(text)(new Map([["a", "b"]])),
    refusals: [LabelSelectorInvalid],
  },
  // patterns
  {
    name: "pattern",
    seeds: ["^(a+)+$", "(?i)[[:alpha:]]\\pL{2,3}", "(?P<constructor>a)"],
    read: (text) => compilePattern(text).test(`${text}aaaaaaaaaaaaaaaaaaaaaaaab`),
    refusals: [PatternInvalid],
  },
  { name: "wildcard", seeds: ["*.example.com,!a?c"], read: (text) => matchesWildcardList(text, text.slice(0, 200)) },
  {
    name: "cel",
    seeds: [
      "status.conditions.exists(c, c.type == 'Ready') && 'a'.matches('^(a+)+$')",
      "[1,2].map(x, [3].map(y, x * y)).size() > 0",
      "has(constructor.prototype)",
    ],
    read: (text) =>
      compileCel(text).evaluate(
        celObject({ status: { conditions: [{ type: "Ready" }] }, constructor: { prototype: "x" } }),
      ),
    refusals: [CelError],
  },
  {
    name: "ignore-rule",
    seeds: ["(a+)+$", "web|api", "/spec/__proto__/x"],
    read: (text) =>
      compileIgnoreRules([{ target: { name: text }, paths: [text] }])(objectOf("{}"), {
        group: "",
        kind: "ConfigMap",
        namespace: "",
        name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
      }),
  },
  {
    name: "ignore-selector",
    seeds: ["a=b,c!=d,e in (x,y),!g", "constructor"],
    read: (text) => readSelector(text)({ a: "b" }),
  },
];

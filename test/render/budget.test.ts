import { describe, expect, test } from "vitest";
import { Failure } from "../../src/model/failure.ts";
import { memoryTree, type RenderOptions, render } from "../../src/render/index.ts";

const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: y}\n";

async function failureOf(files: Readonly<Record<string, string>>, path = "", options: RenderOptions = {}) {
  const outcome = await render(memoryTree(files), path, options).catch((thrown: unknown) => thrown);
  if (outcome instanceof Failure) return outcome;
  throw new Error(`expected a Failure, got ${outcome instanceof Error ? outcome.stack : "an answer"}`);
}

/** Each level uses the one below twice, under two prefixes. */
function diamond(levels: number): Record<string, string> {
  const files: Record<string, string> = { "l0/kustomization.yaml": "resources: [a.yaml]\n", "l0/a.yaml": map };
  for (let level = 1; level <= levels; level++) {
    for (const side of ["a", "b"]) {
      files[`l${level}${side}/kustomization.yaml`] = `namePrefix: ${side}-\nresources: [../l${level - 1}]\n`;
    }
    files[`l${level}/kustomization.yaml`] = `resources: [../l${level}a, ../l${level}b]\n`;
  }
  return files;
}

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => map.replace("name: a", `name: a${n}`)).join("---\n");

describe("a build has a budget, and says what breaks it", () => {
  test("bases that use bases twice", async () => {
    const failure = await failureOf(diamond(14), "l14");
    expect(failure.code).toBe("InputTooLarge");
    expect(failure.problems[0]).toMatchObject({ file: expect.stringMatching(/^l\d+[ab]?\/kustomization.yaml$/) });
    expect(failure.message).toContain("bases that use bases twice multiply");
  });

  test("40 copies of copies by a JSON patch", async () => {
    const operations = Array.from({ length: 40 }, (_, n) => ({ op: "copy", from: "/data", path: `/data/c${n}` }));
    const patches = `patches:\n- patch: '[]'\n  target: {kind: Secret}\n- target: {kind: ConfigMap}\n  patch: '${JSON.stringify(operations)}'\n`;
    const failure = await failureOf({ "kustomization.yaml": `resources: [a.yaml]\n${patches}`, "a.yaml": map });
    expect(failure.code).toBe("InputTooLarge");
    expect(failure.problems).toEqual([
      expect.objectContaining({
        file: "kustomization.yaml",
        field: "patches[1]",
        message: expect.stringContaining("copies"),
      }),
    ]);
  });

  test("a large patch for many objects, of either kind", async () => {
    const value = JSON.stringify(Array.from({ length: 20_000 }, () => "x"));
    const strategic = `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"y": ${value}}}`;
    for (const patch of [`[{"op": "add", "path": "/data/y", "value": ${value}}]`, strategic]) {
      const kustomization = `resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '${patch}'\n`;
      const failure = await failureOf({ "kustomization.yaml": kustomization, "a.yaml": many(500) });
      expect(failure).toMatchObject({ code: "InputTooLarge", problems: [{ field: "patches[0]" }] });
    }
  });

  test("a long prefix, and many labels, on many objects", async () => {
    const prefix = await failureOf({
      "kustomization.yaml": `resources: [a.yaml]\nnamePrefix: ${"p".repeat(500_000)}\n`,
      "a.yaml": many(400),
    });
    expect(prefix).toMatchObject({ code: "InputTooLarge", problems: [{ file: "kustomization.yaml" }] });
    const labels = Array.from({ length: 5_000 }, (_, n) => `l${n}: "1"`).join(", ");
    const labelled = await failureOf({
      "kustomization.yaml": `resources: [a.yaml]\ncommonLabels: {${labels}}\n`,
      "a.yaml": many(500),
    });
    expect(labelled).toMatchObject({ code: "InputTooLarge", problems: [{ file: "kustomization.yaml" }] });
  });

  test("replacements that double what they copied", async () => {
    const doubling = (n: number) =>
      `- source: {kind: ConfigMap, fieldPath: data}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.c${n}], options: {create: true}}]\n`;
    const replacements = Array.from({ length: 40 }, (_, n) => doubling(n)).join("");
    const failure = await failureOf({
      "kustomization.yaml": `resources: [a.yaml]\nreplacements:\n${replacements}`,
      "a.yaml": map,
    });
    expect(failure.code).toBe("InputTooLarge");
    expect(failure.problems[0]?.field).toMatch(/^replacements\[\d+\]$/);
  });

  test("replacements that write a long text again and again", async () => {
    const replaced = (sourceValue: string, target: string, text: string) =>
      failureOf({
        "kustomization.yaml": `resources: [a.yaml]
replacements:
- sourceValue: ${sourceValue}
  targets: [{select: {kind: ConfigMap}, ${target}}]
`,
        "a.yaml": map.replace("y}", `${JSON.stringify(text)}}`),
      });
    const often = (path: string) => JSON.stringify(Array.from({ length: 200 }, () => path));
    const failures = [
      await replaced("z", `fieldPaths: ${often("data.x")}, options: {delimiter: ",", index: 3}`, "a,".repeat(2 ** 19)),
      await replaced("z", `fieldPaths: ${often("data.x.a")}`, `a: b # ${"c".repeat(2 ** 20)}\n`),
      await replaced("z".repeat(100_000), 'fieldPaths: ["data.x.*.a"]', "- {a: b}\n".repeat(20_000)),
    ];
    for (const failure of failures) {
      expect(failure.code).toBe("InputTooLarge");
      expect(failure.problems[0]?.field).toBe("replacements[0]");
    }
  });

  test("one large file used again and again", async () => {
    const generators = Array.from({ length: 40 }, (_, n) => `- {name: m${n}, files: [big.txt]}\n`).join("");
    const failure = await failureOf({
      "kustomization.yaml": `configMapGenerator:\n${generators}`,
      "big.txt": "x".repeat(8 * 2 ** 20),
    });
    expect(failure).toMatchObject({ code: "InputTooLarge", problems: [{ file: "big.txt" }] });
  });

  test("a component repeated for ever", async () => {
    const components = Array.from({ length: 11_000 }, () => "- ../c\n").join("");
    const failure = await failureOf(
      {
        "o/kustomization.yaml": `components:\n${components}`,
        "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonLabels: {a: b}\n",
      },
      "o",
    );
    expect(failure).toMatchObject({ code: "InputTooLarge", problems: [{ file: "o/kustomization.yaml" }] });
  });

  test("vars and variables that are put in again and again", async () => {
    const long = "v".repeat(100_000);
    const references = (text: string) => text.repeat(10_000);
    const vars = await failureOf({
      "kustomization.yaml":
        "resources: [a.yaml]\nvars:\n- {name: V, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldpath: data.x}}\n",
      "a.yaml": `${map.replace("y}", `${long}}`)}---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, args: ["${references("$(V) ")}"]}]}\n`,
    });
    expect(vars.code).toBe("InputTooLarge");
    const variables = { V: long };
    const reference = ["$", "{V} "].join("");
    const files = {
      "kustomization.yaml": "resources: [a.yaml]\n",
      "a.yaml": map.replace("y}", `"${references(reference)}"}`),
    };
    const substituted = await failureOf(files, "", { post: { substitute: { variables, strict: true } } });
    expect(substituted).toMatchObject({ code: "InputTooLarge" });
  });

  test("but leaves room for the largest environments: 10,000 objects, and a definition of 2 MB", async () => {
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "x.y.z" },
    };
    const schema = Array.from({ length: 20_000 }, (_, n) => [
      `field${n}`,
      { type: "string", description: "d".repeat(60) },
    ]);
    const crd = JSON.stringify({ ...definition, spec: { schema: Object.fromEntries(schema) } });
    const rendered = await render(
      memoryTree({
        "base/kustomization.yaml": "resources: [a.yaml, crd.yaml]\ncommonLabels: {team: one}\n",
        "base/a.yaml": many(10_000),
        "base/crd.yaml": crd,
        "production/kustomization.yaml":
          "resources: [../base]\nnamePrefix: p-\nnamespace: shop\ncommonAnnotations: {owner: two}\n",
      }),
      "production",
    );
    expect(rendered.objects).toHaveLength(10_001);
  });
});

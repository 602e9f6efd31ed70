import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/model/failure.ts";
import type { FileTree } from "../../src/model/file-tree.ts";
import { memoryTree, render, renderYaml } from "../../src/render/index.ts";
import { environments } from "./differential/overlays.ts";

const map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const only = (resource: string | Uint8Array) => ({ "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": resource });

/** The failure of building a tree, which has to come before long. */
async function failureOf(files: Readonly<Record<string, string | Uint8Array>> | FileTree, path = ""): Promise<Failure> {
  const tree = isTree(files) ? files : memoryTree(files);
  const outcome = await render(tree, path).catch((thrown: unknown) => thrown);
  if (outcome instanceof Failure && outcome.code !== "Bug") return outcome;
  throw new Error(`expected a Failure, got ${outcome instanceof Error ? outcome.stack : "an answer"}`);
}

const isTree = (files: object): files is FileTree => "entry" in files;

/** A tree with symbolic links, which `memoryTree` does not have. */
function withLinks(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>>): FileTree {
  const tree = memoryTree({ ...files, ...links });
  return { ...tree, entry: async (path) => (path in links ? { kind: "symlink" } : tree.entry(path)) };
}

describe("hostile input gets a clear error", () => {
  test.each([
    [
      "a cycle",
      { "a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../a]" },
      "a",
      "cycle",
    ],
    ["itself", { "a/kustomization.yaml": "resources: [.]" }, "a", "cycle"],
    ["its parent", { "a/b/kustomization.yaml": "resources: [..]", "a/kustomization.yaml": "" }, "a/b", "cycle"],
    ["a file out of the root", { "a/kustomization.yaml": "resources: [../x.yaml]", "x.yaml": map }, "a", "security"],
    ["a path out of the tree", { "kustomization.yaml": "resources: [../../etc/passwd]" }, "", "leads out of"],
    ["an absolute path", { "kustomization.yaml": "resources: [/etc/passwd]" }, "", "absolute"],
    ["a remote base", { "kustomization.yaml": "resources: [https://example.com/a.yaml]" }, "", "remote"],
    ["a remote repository", { "kustomization.yaml": "resources: [git@example.com:a/b.git]" }, "", "remote"],
    [
      "a literal file out of the root",
      { "a/kustomization.yaml": "configMapGenerator: [{name: a, files: [../x]}]", x: "" },
      "a",
      "security",
    ],
    ["NUL bytes", only(`${map}data: {a: "x\0"}\n`), "", "a.yaml:5"],
    ["invalid UTF-8", only(Uint8Array.of(0x61, 0xff, 0xfe)), "", "a.yaml"],
    ["tabs", only(`${map}data:\n\ta: b\n`), "", "a.yaml:6"],
    [
      "keys that are there twice",
      only(`${map}data: {a: b}\ndata: {a: c}\n`),
      "",
      'a.yaml:6:1: the key "data" is already defined on line 5',
    ],
    ["a scalar for an object", only("just text"), "", "a.yaml:1: missing Resource metadata"],
    ["no kind", only("metadata: {name: x}"), "", "missing kind"],
    ["no name", only("apiVersion: v1\nkind: ConfigMap\n"), "", "missing metadata.name"],
    [
      "a wrong type",
      { "kustomization.yaml": "resources: x.yaml" },
      "",
      "kustomization.yaml:1:1: resources: expected a list",
    ],
    [
      "a misspelt field",
      { "kustomization.yaml": "resource: [x]" },
      "",
      'unknown field "resource" (did you mean "resources"?)',
    ],
  ] as const)("%s", async (_, files, path, message) => {
    expect((await failureOf(files, path)).message).toContain(message);
  });

  test("symbolic links out of the tree, in a circle, and out of the root", async () => {
    const kustomization = { "a/kustomization.yaml": "resources: [link.yaml]\n", "secret/x.yaml": map };
    const to = (target: string) => failureOf(withLinks(kustomization, { "a/link.yaml": target }), "a");
    expect((await to("../../../etc/passwd")).code).toBe("PathEscapes");
    expect((await to("/etc/passwd")).code).toBe("PathEscapes");
    expect((await to("link.yaml")).code).toBe("PathEscapes");
    expect((await to("../secret/x.yaml")).message).toContain("security");
  });

  test("several problems come together, each with its place", async () => {
    const { problems } = await failureOf({
      "kustomization.yaml": "resources: [a.yaml, missing.yaml, b.yaml]\n",
      "a.yaml": `${map}data: {a: b\n`,
      "b.yaml": "kind: [x\n",
    });
    expect(problems.map(({ file }) => file)).toEqual(["a.yaml", "kustomization.yaml", "b.yaml"]);
  });

  test("alias bombs, deep nesting and large files are refused in bounded time and memory", async () => {
    const bomb = Array.from(
      { length: 30 },
      (_, i) => `a${i}: &a${i} [${i === 0 ? "x" : `*a${i - 1}, *a${i - 1}`}]`,
    ).join("\n");
    expect((await failureOf(only(`${map}${bomb}\n`))).message).toContain("aliases");
    expect((await failureOf(only(`${map}data: ${"[".repeat(100_000)}`))).message).toContain("a.yaml");
    expect(
      (
        await failureOf(
          only(`${map}data:\n${Array.from({ length: 5_000 }, (_, i) => `${" ".repeat(i + 1)}a:`).join("\n")}`),
        )
      ).message,
    ).toContain("a.yaml");
    expect((await failureOf(only(new Uint8Array(100 * 1024 * 1024).fill(0x61)))).code).toBe("InputTooLarge");
  });

  test("keys of prototypes are keys like any other", async () => {
    const files = {
      "kustomization.yaml":
        'resources: [a.yaml]\ncommonLabels: {__proto__: x, constructor: z}\npatches:\n- target: {kind: ConfigMap}\n  patch: \'[{"op":"add","path":"/__proto__","value":{"polluted":true}}]\'\n- patch: \'{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {__proto__: {polluted: yes}}}\'\n',
      "a.yaml": `${map}data: {constructor: {prototype: {polluted: yes}}}\n`,
    };
    const output = renderYaml(await render(memoryTree(files), ""));
    expect(output).toContain("__proto__: x");
    expect(output).toContain("polluted: true");
    expect("polluted" in {}).toBe(false);
  });

  test("an expression that explodes elsewhere does not here", async () => {
    const patch = '- target: {name: \'(a+)+\'}\n  patch: \'[{"op":"add","path":"/x","value":1}]\'\n';
    const files = {
      "kustomization.yaml": `resources: [a.yaml]\npatches:\n${patch}images: [{name: '(a+)+', newTag: x}]\n`,
      "a.yaml": `apiVersion: v1\nkind: Pod\nmetadata: {name: ${"a".repeat(5_000)}b}\nspec: {containers: [{image: ${"a".repeat(5_000)}!}]}\n`,
    };
    expect(renderYaml(await render(memoryTree(files), ""))).not.toContain("x: 1");
  });
});

test("damaged files end in an answer or a Failure, and leave prototypes alone", async () => {
  const damage = fc.record({
    at: fc.nat(),
    text: fc.constantFrom(
      "",
      "{",
      "[",
      "- ",
      "\n",
      ": ",
      "&a ",
      "*a",
      "__proto__: ",
      "$patch: delete",
      "null",
      "\t",
      "\0",
      "%",
      "<<: ",
    ),
  });
  const property = fc.asyncProperty(
    environments,
    fc.array(damage, { minLength: 1, maxLength: 3 }),
    async (files, damages) => {
      const damaged: Record<string, string> = { ...files };
      const paths = Object.keys(files);
      for (const { at, text } of damages) {
        const path = paths[at % paths.length] ?? "";
        const content = damaged[path] ?? "";
        const place = at % (content.length + 1);
        damaged[path] = content.slice(0, place) + text + content.slice(place + 1);
      }
      const outcome = await render(memoryTree(damaged), "overlay").catch((thrown: unknown) => thrown);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(Failure);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 400, interruptAfterTimeLimit: 20_000 });
});

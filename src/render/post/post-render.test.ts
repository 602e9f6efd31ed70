import { describe, expect, test } from "vitest";
import { render, renderYaml } from "../render.ts";
import { memoryTree } from "../tree/memory-tree.ts";
import type { PostRender } from "./post-render.ts";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: $\{REPLICAS:=1}
  template: {spec: {containers: [{name: main, image: nginx:1}]}}
`;
const unset = "$".concat("{UNSET}");
const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: x.example.com, labels: {replicas: "$${"{REPLICAS:-1}"}"}}
spec:
  versions:
  - schema: {openAPIV3Schema: {description: "as in ${unset}", properties: {a: {description: "${unset} too"}}}}
`.replace("$$", "$");
const left = `apiVersion: v1
kind: ConfigMap
metadata:
  name: left
  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}
data:
  a: ${unset}
`;

const files = {
  "app/kustomization.yaml":
    "resources: [web.yaml, left.yaml, crd.yaml]\nnamespace: own\nnamePrefix: own-\nimages: [{name: nginx, newTag: own}]\n",
  "app/web.yaml": deployment,
  "app/left.yaml": left,
  "app/crd.yaml": crd,
  "component/kustomization.yaml":
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {from: component}\n",
};

async function built(post: PostRender): Promise<string> {
  return renderYaml(await render(memoryTree(files), "app", { post }));
}

describe("what an Environment adds", () => {
  // By hand, from what Flux's Kustomization documents.
  test.each<readonly [string, PostRender, string]>([
    ["a namespace in place of the own", { targetNamespace: "shop" }, "namespace: shop"],
    ["a prefix in place of the own", { namePrefix: "new-" }, "name: new-web"],
    ["a suffix", { nameSuffix: "-s" }, "name: own-web-s"],
    [
      "an image beside what the own says of it",
      { images: [{ name: "nginx", newName: "mirror/nginx" }] },
      "image: mirror/nginx:own\n",
    ],
    ["another image", { images: [{ name: "redis", newTag: "1" }] }, "image: nginx:own"],
    ["a component", { components: ["../component"] }, "from: component"],
    ["labels on the objects", { commonMetadata: { labels: { team: "a" } } }, "labels:\n    team: a"],
    ["a number", { substitute: { variables: { REPLICAS: "3" }, strict: true } }, "replicas: 3\n"],
    ["a default", { substitute: { variables: { X: "" }, strict: true } }, "replicas: 1\n"],
    [
      "a patch",
      { patches: [{ patch: "- {op: add, path: /spec/paused, value: true}", target: { kind: "Deployment" } }] },
      "paused: true",
    ],
  ])("%s", async (_, post, output) => {
    expect(await built(post)).toContain(output);
  });

  test("labels do not reach pods", async () => {
    expect(await built({ commonMetadata: { labels: { team: "a" } } })).not.toContain("template:\n    metadata");
  });

  test("descriptions in definitions, and what is annotated so, are left as they are", async () => {
    const output = await built({ substitute: { variables: { REPLICAS: "3" }, strict: true } });
    expect(output.match(/\$\{UNSET\}/g)).toHaveLength(3);
    expect(output).toContain("replicas: 3\n  name: x.example.com");
  });

  test("a variable that is not set is an error that names file, object and variable, unless told otherwise", async () => {
    const asking = { ...files, "app/left.yaml": left.replace("substitute: disabled", "other: x") };
    const build = (strict: boolean) =>
      render(memoryTree(asking), "app", { post: { substitute: { variables: { REPLICAS: "3" }, strict } } });
    await expect(build(true)).rejects.toThrow(
      'app/left.yaml:1: ConfigMap/own/own-left: variable not set (strict mode): "UNSET"',
    );
    expect(renderYaml(await build(false))).toContain("a: null");
  });

  test("names that are none are refused", async () => {
    await expect(built({ substitute: { variables: { "a-b": "x" }, strict: true } })).rejects.toThrow(
      "'a-b' is not a valid variable name",
    );
  });
});

describe("a folder without a kustomization", () => {
  const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
  const folder = {
    "app/b.yaml": map("b"),
    "app/a/c.yml": map("c"),
    "app/a/notes.txt": "no object",
    "app/.github/workflow.yaml": "on: push",
    "app/.hidden.yaml": "on: push",
    "app/k/kustomization.yaml": "namePrefix: p-\nresources: [d.yaml]\n",
    "app/k/d.yaml": map("d"),
  };

  test("is what is in it, where that is asked for", async () => {
    const rendered = await render(memoryTree(folder), "app", { plainFolders: true, order: "none" });
    expect(rendered.objects.map(({ value }) => value.metadata)).toEqual([
      { name: "c" },
      { name: "b" },
      { name: "p-d" },
    ]);
  });

  test("is nothing where its kustomization says nothing, and the root above the root", async () => {
    const empty = { "app/kustomization.yaml": "kind: Kustomization\nresources:\n" };
    const names = async (tree: Readonly<Record<string, string>>, path: string) =>
      (await render(memoryTree(tree), path, { plainFolders: true })).objects.map(({ value }) => value.metadata);
    expect(await names(empty, "app")).toEqual([]);
    expect(await names({ "b.yaml": map("b") }, "../..")).toEqual([{ name: "b" }]);
    await expect(render(memoryTree(empty), "app")).rejects.toThrow("kustomization.yaml is empty");
  });

  test("is an error otherwise, as it is to kustomize", async () => {
    await expect(render(memoryTree(folder), "app")).rejects.toThrow("unable to find one of 'kustomization.yaml'");
  });
});

import { describe, expect, test } from "vitest";
import { toManifests } from "./manifests.ts";
import { render } from "./render.ts";
import { memoryTree } from "./tree/memory-tree.ts";

async function manifestsOf(resources: string) {
  const files = { "app/kustomization.yaml": "resources: [r.yaml]\n", "app/r.yaml": resources };
  return toManifests(await render(memoryTree(files), "app", { order: "none" }));
}

describe("manifests", () => {
  test("have the id, the place and the digest of their object, as plain JSON with every digit", async () => {
    const [first, second] = await manifestsOf(
      "# comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\ndata: {b: c}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {big: 12345678901234567890}\n",
    );
    expect(first?.id).toEqual({ group: "", kind: "ConfigMap", namespace: "n", name: "a" });
    expect(first?.origin).toEqual({ file: "app/r.yaml", line: 2, chain: ["app/kustomization.yaml"] });
    // printf '{"apiVersion":"v1","data":{"b":"c"},"kind":"ConfigMap","metadata":{"name":"a","namespace":"n"}}' | sha256sum
    expect(first?.digest).toBe("9516fae0ca2c4260fe039d18bb3fecf249e966f084a442bf8d2cc4d7faef3cb5");
    expect(first?.sensitive).toBe(false);
    expect(second?.id).toEqual({ group: "apps", kind: "Deployment", namespace: "", name: "d" });
    expect(second?.object.spec).toEqual({ big: 12345678901234567890n });
  });

  test("that stand for the same object in a cluster are refused, in whatever version", async () => {
    const twice =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n---\napiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: d}\n";
    await expect(manifestsOf(twice)).rejects.toMatchObject({ code: "DuplicateObject" });
    await expect(manifestsOf(twice)).rejects.toThrow(
      "app/r.yaml:5: Deployment/d: the same object is already defined in app/r.yaml:1",
    );
  });

  test("need an apiVersion", async () => {
    await expect(manifestsOf("kind: ConfigMap\nmetadata: {name: a}\n")).rejects.toThrow(
      "app/r.yaml:1: ConfigMap/a: apiVersion: is missing",
    );
  });

  test.each([
    ["labels: abc", "metadata.labels: must be a map, found a string"],
    ["labels: [x, y]", "metadata.labels: must be a map, found a list"],
    ["labels: 5", "metadata.labels: must be a map, found a number"],
    ["labels: true", "metadata.labels: must be a map, found a boolean"],
    ['labels: ""', "metadata.labels: must be a map, found a string"],
    ["labels: []", "metadata.labels: must be a map, found a list"],
  ])("%s are refused, for they would become other ones", async (labels, message) => {
    const object = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, ${labels}}\n`;
    await expect(manifestsOf(object)).rejects.toThrow(`app/r.yaml:1: ConfigMap/a: ${message}`);
  });

  test("with nothing behind `labels:` or `annotations:` have none", async () => {
    const object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n  annotations:\n";
    const [manifest] = await manifestsOf(object);
    expect(manifest?.object.metadata).toEqual({ name: "a" });
  });
});

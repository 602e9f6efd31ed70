import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../api/environment/environment.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { Open } from "../../rollout/index.ts";
import { renderingHere } from "../../sandbox/index.ts";
import { effectOf, type GatherTree, type Overlay } from "./effect.ts";

const missing = (path: string) => new Failure("PathNotFound", { message: `there is no ${path}` });

/** Files by path; folders are those that they need. */
function tree(files: Readonly<Record<string, string>>): FileTree {
  const paths = Object.keys(files);
  const isFolder = (path: string) => path === "" || paths.some((each) => each.startsWith(`${path}/`));
  return {
    async entry(path) {
      if (path in files) return { kind: "file" };
      return isFolder(path) ? { kind: "directory" } : undefined;
    },
    async read(path) {
      const text = files[path];
      if (text === undefined) throw missing(path);
      return new TextEncoder().encode(text);
    },
    async list(path) {
      const prefix = path === "" ? "" : `${path}/`;
      const names = paths.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
      return [...new Set(names.map((name) => name.split("/")[0] ?? ""))].sort();
    },
  };
}

const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {value: "${value}"}\n`;
const sealed = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: token, namespace: shop}
spec: {encryptedData: {token: AgA}, template: {metadata: {name: token, namespace: shop}}}
`;

function overlay(open?: Open): Overlay {
  const spec = { source: { url: "https://git.example.com/acme/environment.git" }, path: "./production" };
  const environment = readEnvironment({ metadata: { name: "production", namespace: "mooring-system" }, spec });
  return { name: "production", environment, variables: {}, open, sops: undefined, rendering: renderingHere };
}

const gather: GatherTree = async (files) => ({ tree: files, remotes: new Map() });
const never = new AbortController().signal;
const effect = (of: Overlay, before: FileTree, after: FileTree) => effectOf(of, { before, after, gather }, never);

describe("what a revision does to its target", () => {
  test("is the plan from the one tree to the other", async () => {
    const [before, after] = ["one", "two"].map((value) => tree({ "production/a.yaml": configMap(value) }));
    const { change, unopened } = await effect(overlay(), before ?? tree({}), after ?? tree({}));
    expect(unopened).toBeUndefined();
    expect("plan" in change && change.plan.actions).toMatchObject([
      {
        id: { name: "settings" },
        action: { type: "update", changes: [{ path: "/data/value", from: "one", to: "two" }] },
      },
    ]);
  });

  test("is all of it where the branch has no such folder yet", async () => {
    const after = tree({ "production/a.yaml": configMap("two") });
    const { change } = await effect(overlay(), tree({ "README.md": "" }), after);
    expect("plan" in change && change.plan.actions).toMatchObject([{ action: { type: "create" } }]);
  });

  test("is the reason why it does not render", async () => {
    const after = tree({ "production/a.yaml": "a: [" });
    const found = await effect(overlay(), tree({ "production/a.yaml": configMap("one") }), after);
    expect(found).toMatchObject({ change: { problem: expect.stringContaining("production/a.yaml:1") } });
  });

  test("is not told where the world around is to blame", async () => {
    const broken: FileTree = {
      ...tree({ "production/a.yaml": "" }),
      read: async () => {
        throw new Failure("SourceUnreachable", { message: "gone" });
      },
    };
    await expect(effect(overlay(), broken, broken)).rejects.toMatchObject({ code: "SourceUnreachable" });
  });

  test("says that files stay encrypted where the target has keys for them and they are not at hand", async () => {
    const after = tree({ "production/a.yaml": configMap("one") });
    const { environment, ...rest } = overlay();
    const spec = { ...environment.spec, decryption: { secretRef: { name: "keys" } } };
    const decrypting = { ...rest, environment: { ...environment, spec } };
    expect((await effect(overlay(), after, after)).encrypted).toBe(false);
    expect((await effect(decrypting, after, after)).encrypted).toBe(true);
    expect((await effect({ ...decrypting, sops: {} }, after, after)).encrypted).toBe(false);
  });

  test("names every sealed value that the target's keys do not open", async () => {
    const after = tree({ "production/a.yaml": sealed });
    const refuses: Open = async () => {
      throw new Failure("UnsealFailed", [
        { object: "SealedSecret/shop/token", field: "spec.encryptedData.token", message: "no key opens it" },
      ]);
    };
    const forbids: Open = async () => {
      throw new Failure("Forbidden", { object: "SealedSecret/shop/token", message: "is not opened" });
    };
    expect((await effect(overlay(forbids), tree({}), after)).unopened).toEqual([
      "SealedSecret/shop/token: is not opened",
    ]);
    const none = await effect(overlay(refuses), tree({}), after);
    expect(none.unopened).toEqual(["SealedSecret/shop/token: spec.encryptedData.token: no key opens it"]);
    expect("plan" in none.change).toBe(true);
    expect(
      (
        await effect(
          overlay(async (all) => all),
          tree({}),
          after,
        )
      ).unopened,
    ).toEqual([]);
  });
});

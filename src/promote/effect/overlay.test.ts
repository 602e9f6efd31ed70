import { expect, test } from "vitest";
import { readEnvironment } from "../../api/environment/environment.ts";
import { readPromotion } from "../../api/promotion/promotion.ts";
import type { Cluster } from "../../cluster/index.ts";
import { createVoucher } from "../../environment/index.ts";
import type { Manifest } from "../../model/manifest.ts";
import { overlayOf } from "./overlay.ts";

const signal = new AbortController().signal;
const namespace = "team-a";
const promotion = readPromotion({
  metadata: { name: "next", namespace },
  spec: {
    from: { environmentRef: { name: "staging" } },
    to: { branch: "production", environmentRef: { name: "production" } },
    forge: { type: "gitea", url: "https://git.example.com", repository: "acme/env", secretRef: { name: "token" } },
  },
});
const target = readEnvironment({
  metadata: { name: "production", namespace },
  spec: { source: { url: "https://git.example.com/acme/env.git" }, path: "./production" },
});

/** What another tenant sealed, in a promotion's repository. */
const copied: Manifest = {
  id: { group: "bitnami.com", kind: "SealedSecret", namespace: "team-b", name: "db" },
  object: {
    apiVersion: "bitnami.com/v1alpha1",
    kind: "SealedSecret",
    metadata: { name: "db", namespace: "team-b" },
    spec: { encryptedData: { password: "AgA" } },
  },
  origin: { file: "production/db.yaml", chain: [] },
  sensitive: false,
  digest: "1",
};

test("a promotion opens for its target only what the identity of that may write", async () => {
  const opened: string[] = [];
  const open = async (...granted: readonly string[]) => {
    const rights = {
      who: "system:serviceaccount:team-a:deployer",
      allow: async (verbs: readonly string[]) => verbs.every((verb) => granted.includes(verb)),
    };
    const opening = {
      vouchFor: async () => createVoucher({ rights, leaves: false }),
      unseal: async (manifests: readonly Manifest[]) => {
        opened.push(...manifests.map(({ id }) => id.name));
        return manifests;
      },
    };
    // Nothing is read of the cluster: the target takes no variables.
    const tools = { cluster: {} as unknown as Cluster, opening, sandbox: undefined };
    return (await overlayOf(promotion, target, tools, signal))?.open?.([copied], signal);
  };
  await expect(open()).rejects.toThrow("SealedSecret/team-b/db: is not opened: system:serviceaccount:team-a:deployer");
  expect(opened).toEqual([]);
  await open("create", "patch");
  expect(opened).toEqual(["db"]);
});

test("what SOPS encrypted is opened without keys for sealed secrets, too", async () => {
  const encrypted = readEnvironment({
    ...target,
    spec: { ...target.spec, decryption: { secretRef: { name: "sops" } } },
  });
  const asked: string[] = [];
  const cluster = {
    get: async ({ name }: { readonly name: string }) => {
      asked.push(name);
      return { data: { "a.agekey": Buffer.from("key").toString("base64") } };
    },
  } as unknown as Cluster;
  const vouchFor = async () => createVoucher({ rights: { who: "me", allow: async () => true }, leaves: false });
  const overlay = (opening: { readonly vouchFor: typeof vouchFor; readonly unseal: undefined } | undefined) =>
    overlayOf(promotion, encrypted, { cluster, opening, sandbox: undefined }, signal);
  const { open, sops } = (await overlay({ vouchFor, unseal: undefined })) ?? expect.unreachable();
  expect([open, Object.keys(sops ?? {}), asked]).toEqual([undefined, ["a.agekey"], ["sops"]]);
  expect(await overlay(undefined)).toMatchObject({ open: undefined, sops: undefined });
  expect(asked).toHaveLength(1);
});

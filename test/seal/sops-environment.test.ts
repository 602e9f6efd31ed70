import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEnvironment } from "../../src/api/environment/environment.ts";
import { canonicalJson } from "../../src/model/json/json.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import { memoryTree } from "../../src/render/index.ts";
import {
  contentDigest,
  createStageRenderer,
  type DesiredStage,
  openStages,
  readSnapshot,
  snapshotSecrets,
} from "../../src/rollout/index.ts";
import { decryptManifests, sopsKeys } from "../../src/seal/index.ts";
import { sharedFolder } from "../render/shared.ts";
import { goMissing } from "../toolchain/tools.ts";
import { createRealSops, type RealSops } from "./real-sops.ts";

describe.skipIf(goMissing() !== undefined)(
  "an Environment with files that the real sops encrypted (skipped without Go)",
  () => {
    let directory: string;
    let real: RealSops;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "mooring-sops-"));
      real = await createRealSops(directory);
    }, 600_000);

    afterAll(() => rm(directory, { recursive: true }));

    describe("variables in what SOPS encrypted", () => {
      const open = "$".concat("{");
      const source = `apiVersion: v1
kind: Secret
metadata:
  name: app-${open}ENV}
  namespace: shop
stringData:
  url: https://app.${open}DOMAIN}/
  port: "${open}PORT:=80}x"
  left: $${open}DOMAIN}
  "${open}ENV}.key": plain
`;
      const sops = () => ({ "a.agekey": Buffer.from(real.identity) });

      async function stagesWith(substitute: Readonly<Record<string, string>>, text = source) {
        const encrypted = await real.encrypt("app.yaml", text, ["--encrypted-regex", "^stringData$"]);
        const spec = { source: { url: "https://git.example.com/a/b.git" }, path: "./env", postBuild: { substitute } };
        const commonMetadata = { annotations: { note: "costs $$5" } };
        const environment = readEnvironment({
          metadata: { name: "e", namespace: "n" },
          spec: { ...spec, commonMetadata },
        });
        const files = { "env/app.yaml": encrypted.toString() };
        return createStageRenderer()(memoryTree(files), environment.spec, substitute, { sops: sops() });
      }

      const opened = async (stages: readonly DesiredStage[]) => {
        const unseal = (manifests: readonly Manifest[]) => decryptManifests(manifests, real.keys);
        const [stage] = await openStages(stages, unseal, { name: "e", namespace: "n" });
        return stage?.manifests[0];
      };

      test("are put in after it was decrypted, as Flux does, and it stays sensitive", async () => {
        const stages = await stagesWith({ DOMAIN: "example.com", ENV: "prod" });
        const [sealed] = stages[0]?.manifests ?? [];
        expect(sealed?.id.name).toBe("app-prod");
        expect(JSON.stringify(sealed?.object)).not.toContain("example.com");
        const secret = await opened(stages);
        expect(secret).toMatchObject({ sensitive: true, id: { kind: "Secret", namespace: "shop", name: "app-prod" } });
        expect(secret?.object.stringData ?? decoded(secret?.object.data)).toEqual({
          url: "https://app.example.com/",
          port: "80x",
          left: `${open}DOMAIN}`,
          "prod.key": "plain",
        });
        expect(secret?.object.metadata.annotations).toMatchObject({ note: "costs $$5" });
      });

      test("leave large integers digit for digit, encrypted or not", async () => {
        const digits = ["9007199254740993", "9223372036854775807", "-9223372036854775808"];
        const account = `apiVersion: example.com/v1
kind: Account
metadata: {name: a, namespace: shop}
spec: {ids: [${digits}], host: "${open}DOMAIN}"}
stringData: {ids: [${digits}], host: "${open}DOMAIN}"}
`;
        const wanted = `{"host":"example.com","ids":[${digits}]}`;
        for (const text of [account, account.replaceAll(open, "$".repeat(2).concat("{"))]) {
          const object = (await opened(await stagesWith({ DOMAIN: "example.com" }, text)))?.object;
          const host = text === account ? "example.com" : `${open}DOMAIN}`;
          for (const part of [object?.spec, object?.stringData]) {
            expect(canonicalJson(part)).toBe(wanted.replace("example.com", host));
          }
        }
      });

      test("are in a snapshot as they were, and other variables are another content", async () => {
        const stages = await stagesWith({ DOMAIN: "example.com", ENV: "prod" });
        const kept = { revision: "main@sha1:abc", stages };
        const secrets = await snapshotSecrets(kept, { name: "e", namespace: "n", uid: "u" });
        const back = await readSnapshot(secrets);
        expect(back).toEqual(kept);
        expect(await opened(back.stages)).toEqual(await opened(stages));
        const others = await stagesWith({ DOMAIN: "example.org", ENV: "prod" });
        expect(contentDigest(others)).not.toBe(contentDigest(stages));
      });

      test("are asked for by field, without a word of what stands there", async () => {
        const failure = await opened(await stagesWith({ ENV: "prod" })).catch(String);
        expect(failure).toContain(
          "env/app.yaml:1: Secret/shop/app-prod: stringData.url: uses a variable that is not set",
        );
        expect(failure).not.toContain("DOMAIN");
        expect(failure).not.toContain("https://app");
      });

      test("as in the case of Flux's documentation", async ({ skip }) => {
        const folder = sharedFolder("flux-cases", "sops-then-substitute", "env");
        if (folder === undefined) return skip("(skipped without ../shared/flux-cases)");
        const text = await readFile(join(folder, "secret.sops.yaml"), "utf8");
        const items = { "age.agekey": await readFile(join(folder, "age.agekey")) };
        const spec = { source: { url: "https://git.example.com/a/b.git" }, path: "./env", postBuild: {} };
        const environment = readEnvironment({ metadata: { name: "e", namespace: "n" }, spec });
        const variables = { SECRET_DOMAIN: "example.com" };
        const tree = memoryTree({ "env/secret.sops.yaml": text });
        const stages = await createStageRenderer()(tree, environment.spec, variables, { sops: items });
        const unseal = (manifests: readonly Manifest[]) => decryptManifests(manifests, sopsKeys(items));
        const [stage] = await openStages(stages, unseal, { name: "e", namespace: "n" });
        const [secret] = stage?.manifests ?? [];
        expect(secret?.object.stringData ?? decoded(secret?.object.data)).toEqual({ url: "https://app.example.com/" });
      });
    });

    test("what a generator took from an encrypted file is marked, whatever it became", async () => {
      const files = {
        "app/kustomization.yaml":
          "configMapGenerator:\n- name: leaked\n  envs: [a.env]\n- name: open\n  literals: [a=harmless]\n",
        "app/a.env": (await real.encrypt("a.env", "PASSWORD=hunter2-canary\n", [])).toString("latin1"),
      };
      const environment = readEnvironment({
        metadata: { name: "e", namespace: "n" },
        spec: { source: { url: "https://git.example.com/a/b.git" }, path: "./app" },
      });
      const sops = { "a.agekey": Buffer.from(real.identity) };
      const [stage] = await createStageRenderer()(memoryTree(files), environment.spec, {}, { sops });
      const marks = stage?.manifests.map(({ id, sensitive }) => [id.name.replace(/-[^-]*$/, ""), sensitive]);
      expect(marks).toEqual([
        ["leaked", true],
        ["open", false],
      ]);
    });
  },
);

function decoded(data: unknown): unknown {
  return Object.fromEntries(Object.entries(Object(data)).map(([key, text]) => [key, atob(String(text))]));
}

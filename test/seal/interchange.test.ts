import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { objectAt } from "../../src/model/json/json.ts";
import {
  type KeyRing,
  keyRing,
  type NewSealingKey,
  newSealingKey,
  readCertificate,
  sealingKeySecret,
  sealSecret,
  sealValue,
  unsealObject,
} from "../../src/seal/index.ts";
import { goMissing } from "../toolchain/tools.ts";
import { type Kubeseal, kubeseal, readObject } from "./kubeseal.ts";

const scopes = ["strict", "namespace-wide", "cluster-wide"] as const;
const sizes = [2048, 3072, 4096];

const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "db", namespace: "shop", labels: { app: "shop" }, annotations: { note: "kept" } },
  type: "example.com/database",
  immutable: true,
  data: { binary: "AP+A/w==", empty: "" },
  stringData: { password: 'pässwörd <&> "quoted"\n', long: "x".repeat(300) },
};

/** The data of a Secret; kubeseal prints an empty value as null, which the API server reads as empty. */
function dataOf(object: { readonly [key: string]: unknown }) {
  const data = objectAt(object, "data") ?? {};
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, value ?? ""]));
}

/** What of a Secret both sides must agree on; kubeseal adds an owner reference, which Mooring does not use. */
function essence(object: { readonly [key: string]: unknown; readonly metadata: Readonly<Record<string, unknown>> }) {
  const { name, namespace, labels, annotations } = object.metadata;
  return { type: object.type, immutable: object.immutable, data: dataOf(object), name, namespace, labels, annotations };
}

describe.skipIf(goMissing() !== undefined)("interchange with the real kubeseal (skipped without Go)", () => {
  let tool: Kubeseal;
  let pairs: readonly NewSealingKey[];
  let ring: KeyRing;
  const certificates: string[] = [];
  const privateKeys: string[] = [];

  beforeAll(async () => {
    tool = await kubeseal();
    pairs = await Promise.all(sizes.map((bits, index) => newSealingKey(new Date(2026, index), { bits })));
    ring = keyRing(pairs.map((pair) => sealingKeySecret(pair, "kube-system")));
    for (const [index, pair] of pairs.entries()) {
      certificates.push(await tool.file(`${index}.crt`, pair.certificatePem));
      privateKeys.push(await tool.file(`${index}.key`, pair.privateKeyPem));
    }
  }, 600_000);

  afterAll(() => tool.remove());

  test.each(scopes.flatMap((scope) => sizes.map((bits, index) => ({ scope, bits, index }))))(
    "what kubeseal seals $scope with RSA-$bits opens here, with every key at hand",
    async ({ scope, index }) => {
      const args = ["--cert", certificates[index] ?? "", "--scope", scope, "-o", "yaml"];
      const sealed = readObject(await tool.run(args, JSON.stringify(secret)));
      const opened = await unsealObject(sealed, ring);
      const recovered = readObject(
        await tool.run(["--recovery-unseal", "--recovery-private-key", privateKeys.join(",")], JSON.stringify(sealed)),
      );
      expect(essence(opened)).toEqual(essence(recovered));
    },
  );

  test.each(scopes.flatMap((scope) => sizes.map((bits, index) => ({ scope, bits, index }))))(
    "what is sealed here $scope with RSA-$bits, kubeseal opens",
    async ({ scope, index }) => {
      const sealed = await sealSecret(secret, readCertificate(pairs[index]?.certificatePem ?? ""), { scope });
      const recovered = readObject(
        await tool.run(
          ["--recovery-unseal", "--recovery-private-key", privateKeys[index] ?? ""],
          JSON.stringify(sealed),
        ),
      );
      expect(dataOf(recovered)).toEqual({
        binary: secret.data.binary,
        empty: "",
        password: Buffer.from(secret.stringData.password).toString("base64"),
        long: Buffer.from(secret.stringData.long).toString("base64"),
      });
      expect(essence(recovered)).toMatchObject({ type: secret.type, immutable: true, labels: secret.metadata.labels });
    },
  );

  test("raw items of different keys, pasted together, open on both sides", async () => {
    const raw = ["--raw", "--name", "db", "--namespace", "shop", "--cert"];
    const theirs = await tool.run([...raw, certificates[0] ?? ""], "from kubeseal");
    const ours = await sealValue(
      Buffer.from("from here"),
      "shop/db",
      readCertificate(pairs[2]?.certificatePem ?? ""),
      "rsa",
    );
    const sealed = {
      apiVersion: "bitnami.com/v1alpha1",
      kind: "SealedSecret",
      metadata: { name: "db", namespace: "shop" },
      spec: { encryptedData: { theirs, ours: ours.text } },
    };
    const expected = { theirs: btoa("from kubeseal"), ours: btoa("from here") };
    expect((await unsealObject(sealed, ring)).data).toEqual(expected);
    const args = ["--recovery-unseal", "--recovery-private-key", privateKeys.join(",")];
    expect(readObject(await tool.run(args, JSON.stringify(sealed))).data).toEqual(expected);
  });
});

import type { Scope } from "../../src/api/sealed-secret.ts";
import { type JsonObject, objectAt } from "../../src/model/json/json.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import {
  keyRing,
  type NewSealingKey,
  newSealingKey,
  readCertificate,
  sealingKeySecret,
  sealSecret,
} from "../../src/seal/index.ts";

/** A key of the cluster, one of another, and what seals with either the values of the Secret `shop/db`. */
export async function sealing() {
  const now = new Date("2026-01-01T00:00:00Z");
  const [pair, foreign] = await Promise.all([newSealingKey(now, { bits: 2048 }), newSealingKey(now, { bits: 2048 })]);
  const ring = keyRing([sealingKeySecret(pair, "kube-system")]);
  const sealed = (scope: Scope = "strict", by: NewSealingKey = pair): Promise<KubeObject> => {
    const metadata = { name: "db", namespace: "shop" };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, stringData: { password: "hunter2", user: "admin" } };
    return sealSecret(secret, readCertificate(by.certificatePem), { scope });
  };
  return { pair, foreign, ring, sealed };
}

/** The object with parts of its metadata and spec replaced. */
export function edited(object: KubeObject, metadata: JsonObject, spec: JsonObject = {}): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, ...metadata, name: String(metadata.name ?? object.metadata.name) },
    spec: { ...objectAt(object, "spec"), ...spec },
  } as KubeObject;
}

/** The object as rendered. */
export function manifest(object: KubeObject): Manifest {
  const { name, namespace = "" } = object.metadata;
  const id = { group: object.kind === "Secret" ? "" : "bitnami.com", kind: object.kind, namespace, name };
  const origin = { file: "overlays/prod/db.yaml", line: 3, chain: ["overlays/prod"] };
  return { id, object, origin, sensitive: false, digest: "d1" };
}

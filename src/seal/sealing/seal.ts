import {
  type Scope,
  type SealAlgorithm,
  sealedSecretAnnotations,
  sealedSecretApiVersion,
  sealedSecretKind,
} from "../../api/sealed-secret.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { type Json, type JsonObject, objectAt, stringAt, valueAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { decodeBase64, encodeBase64 } from "../../model/text/base64.ts";
import { sealHybrid } from "../ciphertext/hybrid.ts";
import { sealBox } from "../ciphertext/sealed-box.ts";
import type { SealingCertificate } from "../keys/certificate.ts";
import { labelOf, type Place, scopeOf, withScope } from "../sealed-secret/scope.ts";
import { digestOf, formatSealAnnotation, type ItemRecord } from "../sealed-secret/seal-annotation.ts";
import { memberPath } from "../sealed-secret/sealed-secret.ts";

/** How to seal. */
export interface SealOptions {
  /** Overrides the Secret's own annotation where it is not `strict`, as kubeseal's `--scope` does. */
  readonly scope?: Scope;
  /** Overrides the Secret's own. */
  readonly name?: string;
  /** For a Secret that names none; any other than its own is refused, since one of both must be a mistake. */
  readonly namespace?: string;
  readonly algorithm?: SealAlgorithm;
  /** Lets a Secret without any value be sealed. */
  readonly allowEmptyData?: boolean;
}

/** One sealed value, and what is recorded of it. */
export interface SealedItem {
  readonly text: string;
  readonly record: ItemRecord;
}

/**
 * Seals every value of a Secret: the SealedSecret that kubeseal would write (`NewSealedSecret` in sealed-secrets), with
 * the record for `mooring secrets verify` as one more annotation. `stringData` wins over `data`. Copies of the whole
 * object that kubectl and kubecfg leave in annotations are dropped, since they hold the values.
 * Throws `Failure` (SealInvalid, CertificateInvalid).
 */
export async function sealSecret(
  secret: KubeObject,
  certificate: SealingCertificate,
  options: SealOptions = {},
): Promise<KubeObject> {
  const wanted = options.scope ?? "strict";
  const annotations =
    wanted === "strict" ? (secret.metadata.annotations ?? {}) : withScope(secret.metadata.annotations, wanted);
  const scope = scopeOf(annotations);
  const place = placeOf(secret, scope, options);
  const values = valuesOf(secret);
  if (values.size === 0 && options.allowEmptyData !== true) {
    throw sealFailure(
      { message: "has no values to seal", field: "data", hint: "use --allow-empty-data to seal it anyway" },
      place,
    );
  }
  const label = labelOf(place, scope);
  const algorithm = options.algorithm ?? "rsa";
  const items = await sealValues(values, { label, certificate, algorithm });
  return sealedSecret({ place, scope, algorithm, items, template: templateOf(secret, place, annotations) });
}

/** What values are sealed for, and with. */
export interface SealFor {
  readonly label: string;
  readonly certificate: SealingCertificate;
  readonly algorithm: SealAlgorithm;
}

/** Seals each value for a label. Throws `Failure` (CertificateInvalid) as `sealValue` does. */
export async function sealValues(
  values: ReadonlyMap<string, Uint8Array>,
  { label, certificate, algorithm }: SealFor,
): Promise<ReadonlyMap<string, SealedItem>> {
  const items = new Map<string, SealedItem>();
  for (const [name, value] of values) items.set(name, await sealValue(value, label, certificate, algorithm));
  return items;
}

/** Seals one value for a label. Throws `Failure` (CertificateInvalid) where the certificate lacks what the algorithm needs. */
export async function sealValue(
  value: Uint8Array,
  label: string,
  certificate: SealingCertificate,
  algorithm: SealAlgorithm,
): Promise<SealedItem> {
  const bytes =
    algorithm === "rsa"
      ? sealHybrid(certificate.publicKey, value, label)
      : await sealBox(boxKeyOf(certificate), value, label);
  const text = encodeBase64(bytes);
  return { text, record: { key: certificate.id, label, digest: digestOf(text) } };
}

/** The annotations that a SealedSecret's own metadata carries. */
function sealAnnotations(
  scope: Scope,
  algorithm: SealAlgorithm,
  items: Iterable<readonly [string, ItemRecord]>,
): Readonly<Record<string, string>> {
  return {
    ...withScope({}, scope),
    ...(algorithm === "rsa" ? {} : { [sealedSecretAnnotations.algorithm]: algorithm }),
    [sealedSecretAnnotations.record]: formatSealAnnotation({ items: Object.fromEntries(items) }),
  };
}

interface Parts {
  readonly place: Place;
  readonly scope: Scope;
  readonly algorithm: SealAlgorithm;
  readonly items: ReadonlyMap<string, SealedItem>;
  readonly template: JsonObject;
}

function sealedSecret({ place, scope, algorithm, items, template }: Parts): KubeObject {
  const records = [...items].map(([name, item]) => [name, item.record] as const);
  return {
    apiVersion: sealedSecretApiVersion,
    kind: sealedSecretKind,
    metadata: {
      name: place.name,
      ...(place.namespace === "" ? {} : { namespace: place.namespace }),
      annotations: sealAnnotations(scope, algorithm, records),
    },
    spec: {
      encryptedData: Object.fromEntries([...items].map(([name, item]) => [name, item.text] as const).sort(byName)),
      template,
    },
  };
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

function placeOf(secret: KubeObject, scope: Scope, options: SealOptions): Place {
  const place = {
    name: options.name ?? secret.metadata.name ?? "",
    namespace: secret.metadata.namespace ?? options.namespace ?? "",
  };
  if (options.namespace !== undefined && options.namespace !== place.namespace) {
    const message = `is "${place.namespace}", but --namespace is "${options.namespace}"`;
    throw sealFailure({ message, field: "metadata.namespace", hint: "omit one of the two" }, place);
  }
  if (place.name === "")
    throw sealFailure({ message: "is missing", field: "metadata.name", hint: "set it with --name" }, place);
  if (place.namespace === "" && scope !== "cluster-wide") {
    const message = `is missing, but a value sealed ${scope} is bound to it`;
    throw sealFailure({ message, field: "metadata.namespace", hint: "set it with --namespace" }, place);
  }
  return place;
}

/** The values of a Secret, decoded; `stringData` wins over `data`. Throws `Failure` (SealInvalid). */
export function valuesOf(secret: KubeObject): ReadonlyMap<string, Buffer> {
  const values = new Map<string, Buffer>();
  const problems: Problem[] = [];
  const read = (field: string, decode: (text: string) => Buffer | undefined, wanted: string) => {
    for (const [name, text] of Object.entries(objectAt(secret, field) ?? {})) {
      const value = typeof text === "string" ? decode(text) : undefined;
      if (value === undefined) problems.push({ message: `must be ${wanted}`, field: memberPath(field, name) });
      else values.set(name, value);
    }
  };
  read("data", decodeBase64, "base64");
  read("stringData", Buffer.from, "a string");
  if (problems.length > 0) throw new Failure("SealInvalid", problems);
  return values;
}

/** Annotations in which kubectl and kubecfg keep the whole object, values included. */
const copies = ["kubectl.kubernetes.io/last-applied-configuration", "kubecfg.ksonnet.io/last-applied-configuration"];

/** Metadata that the API server writes, or that would not survive the move into a template. */
const dropped = new Set([
  ...["selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"],
  ...["deletionGracePeriodSeconds", "ownerReferences", "managedFields"],
]);

function templateOf(secret: KubeObject, place: Place, annotations: Readonly<Record<string, string>>): JsonObject {
  const kept = Object.entries(annotations).filter(([name]) => !copies.includes(name));
  const metadata: [string, Json | undefined][] = Object.entries(secret.metadata).filter(([name]) => !dropped.has(name));
  const immutable = valueAt(secret, "immutable");
  const type = stringAt(secret, "type");
  return {
    metadata: {
      ...Object.fromEntries(metadata),
      ...(kept.length === 0 ? { annotations: undefined } : { annotations: Object.fromEntries(kept) }),
      name: place.name,
      ...(place.namespace === "" ? {} : { namespace: place.namespace }),
    },
    ...(type === undefined ? {} : { type }),
    ...(typeof immutable === "boolean" ? { immutable } : {}),
  };
}

function boxKeyOf(certificate: SealingCertificate): Uint8Array {
  if (certificate.boxKey !== undefined) return certificate.boxKey;
  throw new Failure("CertificateInvalid", {
    message: "the certificate has no X25519 key beside it, so it cannot seal with the algorithm x25519",
    hint: "fetch it with `mooring cert`, which prints both",
  });
}

function sealFailure(problem: Problem, place: Place): Failure {
  const object = ["Secret", place.namespace, place.name].filter((part) => part !== "").join("/");
  return new Failure("SealInvalid", { object, ...problem });
}

/** Tells whether an object is a core Secret. */
export function isSecret(object: KubeObject): boolean {
  return object.apiVersion === "v1" && object.kind === "Secret";
}

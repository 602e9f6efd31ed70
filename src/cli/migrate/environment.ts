import { stringify } from "yaml";
import { readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import { toFailure } from "../../model/failure.ts";
import { isObject, type Json, type JsonObject, listAt, objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type FluxObject, nameOf, type Tell, tellUnknown } from "./report.ts";
import { sourceOf } from "./source.ts";

/** Fields of a Kustomization that mean the same in an Environment. */
const same = [
  "retryInterval",
  "timeout",
  "suspend",
  "prune",
  "deletionPolicy",
  "serviceAccountName",
  "targetNamespace",
  "namePrefix",
  "nameSuffix",
  "commonMetadata",
  "images",
  "components",
  "force",
  "healthChecks",
  "healthCheckExprs",
] as const;
/** Fields that are dealt with, or that say nothing here: health is always waited for, and the API server validates. */
const known = [
  ...same,
  ...["sourceRef", "path", "interval", "wait", "validation", "dependsOn", "kubeConfig", "decryption", "postBuild"],
  ...["patches", "patchesStrategicMerge", "patchesJson6902"],
];

/**
 * The Environment that does what a Kustomization with its GitRepository does, with the same name and namespace; what it
 * cannot do is told. The Secrets it names stay as they are.
 */
export function environmentOf(kustomization: FluxObject, repository: FluxObject, tell: Tell): KubeObject {
  const { object, file } = kustomization;
  const spec = objectAt(object, "spec") ?? {};
  const say: Say = (field, message) => tell({ file, object: nameOf(object), field: `spec.${field}`, message });
  tellUnknown(kustomization, { of: spec, prefix: "spec", known }, tell);
  const { name, namespace } = object.metadata;
  const interval = stringAt(repository.object, "spec", "interval");
  const environment = {
    apiVersion,
    kind: "Environment",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      source: sourceOf(repository, tell),
      path: stringAt(spec, "path") ?? "./",
      ...(interval === undefined ? {} : { interval }),
      ...Object.fromEntries(same.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]] as const]))),
      ...dependsOn(spec, namespace, say),
      ...kubeConfig(spec, say),
      ...decryption(spec, say),
      ...postBuild(spec, say),
      ...patches(spec),
    },
  };
  const theirs = repository.object.metadata.namespace;
  if (theirs !== namespace && stringAt(repository.object, "spec", "secretRef", "name") !== undefined) {
    say(
      "sourceRef.namespace",
      `the Secrets of its source have to be in the Environment's namespace: copy them from ${theirs}`,
    );
  }
  tellInvalid(environment, kustomization, tell);
  return environment;
}

type Say = (field: string, message: string) => void;

function dependsOn(spec: JsonObject, namespace: string | undefined, say: Say): JsonObject {
  const names = listAt(spec, "dependsOn").flatMap((dependency) => {
    const theirs = stringAt(dependency, "namespace") ?? namespace;
    const name = stringAt(dependency, "name") ?? "";
    if (stringAt(dependency, "readyExpr") !== undefined) say("dependsOn.readyExpr", `${name} counts when it is Ready`);
    if (theirs === namespace) return [{ name }];
    say("dependsOn.namespace", `${theirs}/${name} is in another namespace, which has no equivalent`);
    return [];
  });
  return names.length === 0 ? {} : { dependsOn: names };
}

function kubeConfig(spec: JsonObject, say: Say): JsonObject {
  if (spec.kubeConfig === undefined) return {};
  const name = stringAt(spec, "kubeConfig", "secretRef", "name");
  if (name === undefined) {
    say("kubeConfig.configMapRef", "has no equivalent: put a kubeconfig into a Secret");
    return {};
  }
  const key = stringAt(spec, "kubeConfig", "secretRef", "key") ?? "value";
  if (key !== "value") say("kubeConfig.secretRef.key", `the kubeconfig is read from the key value, not ${key}`);
  return { kubeConfig: { secretRef: { name } } };
}

function decryption(spec: JsonObject, say: Say): JsonObject {
  if (spec.decryption === undefined) return {};
  if (stringAt(spec, "decryption", "serviceAccountName") !== undefined) {
    say("decryption.serviceAccountName", "keys of a cloud have no equivalent: encrypt for an age key");
  }
  const name = stringAt(spec, "decryption", "secretRef", "name");
  if (name !== undefined) return { decryption: { secretRef: { name } } };
  say("decryption", "without a Secret of keys nothing can be opened: keys of a cloud have no equivalent");
  return {};
}

function postBuild(spec: JsonObject, say: Say): JsonObject {
  const given = objectAt(spec, "postBuild");
  if (given === undefined) return {};
  const { substitute, substituteFrom, ...others } = given;
  for (const key of Object.keys(others)) say(`postBuild.${key}`, "has no equivalent");
  say("postBuild", "a variable without a value and a default fails the render; with Flux it becomes empty");
  return {
    postBuild: {
      ...(substitute === undefined ? {} : { substitute }),
      ...(substituteFrom === undefined ? {} : { substituteFrom }),
    },
  };
}

/** Older versions had fields of their own for each form of patch. */
function patches(spec: JsonObject): JsonObject {
  const all = [
    ...listAt(spec, "patchesStrategicMerge").map((patch) => ({ patch: textOf(patch) })),
    ...listAt(spec, "patchesJson6902").map((each) => ({
      patch: textOf(isObject(each) ? each.patch : []),
      target: objectAt(each, "target"),
    })),
    ...listAt(spec, "patches"),
  ];
  return all.length === 0 ? {} : { patches: all };
}

const textOf = (patch: Json | undefined): string => (typeof patch === "string" ? patch : stringify(patch));

/** What the schema would refuse is told now rather than when it is applied. */
function tellInvalid(environment: KubeObject, from: FluxObject, tell: Tell): void {
  try {
    readEnvironment(environment);
  } catch (thrown) {
    const message = (problem: { readonly message: string }) => `cannot be kept as it is: ${problem.message}`;
    for (const { field, ...problem } of toFailure(thrown).problems) {
      tell({
        file: from.file,
        object: nameOf(from.object),
        ...(field === undefined ? {} : { field }),
        message: message(problem),
      });
    }
  }
}

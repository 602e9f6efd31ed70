import { rm } from "node:fs/promises";
import { join } from "node:path";
import { apiVersion, ownerLabels } from "../../src/api/names.ts";
import { Failure } from "../../src/model/failure.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { formatId } from "../../src/model/object-id.ts";
import type { WorkTree } from "../support/git/work-tree.ts";
import type { World } from "../support/world.ts";

/** A Deployment of one container in a namespace. */
export function deployment(name: string, image: string, options: { namespace?: string; replicas?: number } = {}) {
  const { namespace = "shop", replicas = 1 } = options;
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: "${image}"}]}
`;
}

/** A StatefulSet of one container in a namespace, without volumes. */
export function statefulSet(name: string, image: string, options: { namespace?: string; replicas?: number } = {}) {
  return deployment(name, image, options)
    .replace("kind: Deployment", "kind: StatefulSet")
    .replace("spec:\n", `spec:\n  serviceName: ${name}\n`);
}

/** A ConfigMap with one value, and annotations where they are given. */
export function configMap(
  name: string,
  value: string,
  options: { namespace?: string; annotations?: Readonly<Record<string, string>> } = {},
): string {
  const { namespace = "shop", annotations = {} } = options;
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: ${namespace}, annotations: ${JSON.stringify(annotations)}}
data: {value: "${value}"}
`;
}

/** A claim that nothing here will ever bind, of a class that waits for a consumer. */
export function claim(name: string, namespace: string = "shop"): string {
  return `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}, namespace: ${namespace}}
spec: {accessModes: [ReadWriteOnce], storageClassName: late, resources: {requests: {storage: 1Gi}}}
`;
}

/** A Namespace. */
export function namespace(name: string): string {
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
}

/** The spec of an Environment that follows a folder of a repository and looks again and again; more of it comes behind. */
export function following(url: string, folder: string) {
  return { source: { url, ref: { branch: "main" } }, path: `./${folder}`, interval: "300ms", retryInterval: "300ms" };
}

/** Commits these files as all that a folder holds. Answers with the commit's SHA. */
export async function commitFolder(tree: WorkTree, path: string, files: Readonly<Record<string, string>>) {
  await rm(join(tree.dir, path), { recursive: true, force: true });
  const changes = Object.entries(files).map(([name, text]) => [`${path}/${name}`, text]);
  return tree.commit(Object.fromEntries(changes), `change ${path}`);
}

const kinds = [
  ["v1", "Namespace"],
  ["v1", "ConfigMap"],
  ["v1", "Secret"],
  ["v1", "Service"],
  ["v1", "PersistentVolumeClaim"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
] as const;

/** The inventory ids of everything that carries an Environment's label, sorted. */
export async function labelled(world: World, environment: string): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const lists = await Promise.all(
    kinds.map(async ([version, kind]) => {
      const type = await world.admin.resource(version, kind, signal);
      if (type === undefined) return [];
      const options = { labelSelector: `${ownerLabels.name}=${environment}`, metadataOnly: true };
      const { items } = await world.admin.list(type, options, signal);
      return items.map(({ metadata: { name, namespace: where = "" } }) =>
        formatId({ group: type.group, kind, namespace: where, name }),
      );
    }),
  );
  return lists.flat().sort();
}

/** The inventory ids an Environment says it owns, sorted. */
export async function owned(world: World, environment: string): Promise<readonly string[]> {
  const { inventory } = await world.status(environment);
  return (inventory?.entries ?? []).map(({ id }) => id).sort();
}

/** Writes an annotation on an Environment, as people do. */
export async function annotate(world: World, environment: string, name: string, value: string): Promise<void> {
  const ref = { apiVersion, kind: "Environment", namespace: "mooring-system", name: environment };
  const body = { metadata: { annotations: { [name]: value } } };
  await world.admin.patch(ref, { type: "merge", body }, { fieldManager: "test" }, new AbortController().signal);
}

/** The message of an Environment's condition, empty where it has none. */
export async function messageOf(world: World, environment: string, type: string = "Ready"): Promise<string> {
  return (await world.status(environment)).conditions?.find((each) => each.type === type)?.message ?? "";
}

/** Applies an object by hand, beside the agent. */
export function applyAsTest(world: World, object: KubeObject) {
  const options = { dryRun: false, force: true, fieldManager: "test" };
  return world.admin.apply(object, options, new AbortController().signal);
}

/** Tells whether an admission policy refuses to create an object. */
export async function isDenied(world: World, object: KubeObject): Promise<boolean> {
  try {
    await world.admin.create(object, new AbortController().signal, { dryRun: true });
    return false;
  } catch (thrown) {
    return thrown instanceof Failure && thrown.code === "AdmissionDenied";
  }
}

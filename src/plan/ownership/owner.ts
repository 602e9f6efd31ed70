import { ownerLabels } from "../../api/names.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";

/** An Environment, as the owner of objects. */
export interface Owner {
  readonly name: string;
  readonly namespace: string;
}

/** The Environment whose labels a live object carries, or undefined where it carries none. */
export function ownerOf(object: KubeObject): Owner | undefined {
  const labels = object.metadata.labels ?? {};
  const name = labels[ownerLabels.name];
  const namespace = labels[ownerLabels.namespace];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

/** Tells whether two owners are the same Environment. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

/** `Environment mooring-system/production`: how an owner is named to people. */
export function describeOwner({ name, namespace }: Owner): string {
  return `Environment ${namespace}/${name}`;
}

/** Why an object is kept that another Environment claims, in words. */
export function claimReason(claimant: Owner): string {
  return `${describeOwner(claimant)} wants it`;
}

/** The manifest with the labels that say which Environment owns it. */
export function withOwner(manifest: Manifest, owner: Owner): Manifest {
  const { object } = manifest;
  const labels = {
    ...object.metadata.labels,
    [ownerLabels.name]: owner.name,
    [ownerLabels.namespace]: owner.namespace,
  };
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, labels } } };
}

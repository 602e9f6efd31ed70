import { Failure } from "../../model/failure.ts";
import { Budget } from "../budget.ts";
import { describeResId, idKey, type ResId } from "./res-id.ts";
import { currentId, formerIds, isDeleted, type Resource, type Scope } from "./resource.ts";

/**
 * The objects of a build in the order in which they were loaded, no two with the same current id. Looking one up by any
 * id it has or had costs the same however many there are.
 */
export class ResourceSet {
  readonly scope: Scope;
  /** What the build that it belongs to may take. */
  readonly budget: Budget;
  #resources: Resource[] = [];
  #byId: Map<string, Resource[]> | undefined = new Map();

  constructor(scope: Scope, budget: Budget = new Budget()) {
    this.scope = scope;
    this.budget = budget;
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  /** Adds an object at the end. Throws `Failure` (DuplicateObject) where one of the same current id is there. */
  append(resource: Resource): void {
    const id = currentId(resource, this.scope);
    const rival = this.withCurrentId(id)[0];
    if (rival !== undefined) throw duplicate(id, resource, rival);
    this.budget.objects(1, this.#resources.length + 1);
    this.#resources.push(resource);
    if (this.#byId !== undefined) this.#index(this.#byId, resource);
  }

  /** Adds all objects at the end, each as `append` does. */
  appendAll(resources: readonly Resource[]): void {
    for (const resource of resources) this.append(resource);
  }

  /** Puts an object in the place of another. */
  replace(old: Resource, resource: Resource): void {
    this.#resources[this.#resources.indexOf(old)] = resource;
    this.#byId = undefined;
  }

  /** Keeps the objects for which `keep` says so. */
  retain(keep: (resource: Resource) => boolean): void {
    const kept = this.#resources.filter(keep);
    if (kept.length === this.#resources.length) return;
    this.#resources = kept;
    this.#byId = undefined;
  }

  /** Puts the objects into another order. */
  sort(compare: (a: Resource, b: Resource) => number): void {
    this.#resources.sort(compare);
    this.#byId = undefined;
  }

  /** To be called when ids of objects may have changed: what was indexed is forgotten. */
  idsChanged(): void {
    this.#byId = undefined;
  }

  /** The objects that have this id now. */
  withCurrentId(id: ResId): readonly Resource[] {
    const key = idKey(id);
    return (this.#indexed().get(key) ?? []).filter((resource) => idKey(currentId(resource, this.scope)) === key);
  }

  /** The objects that have this id now or had it before, deleted ones left out. */
  withAnyId(id: ResId): readonly Resource[] {
    return (this.#indexed().get(idKey(id)) ?? []).filter((resource) => !isDeleted(resource));
  }

  /** Throws `Failure` (DuplicateObject) where two objects have the same id now. */
  assertUnique(): void {
    const seen = new Map<string, Resource>();
    for (const resource of this.#resources) {
      if (isDeleted(resource)) continue;
      const id = currentId(resource, this.scope);
      const rival = seen.get(idKey(id));
      if (rival !== undefined) throw duplicate(id, resource, rival);
      seen.set(idKey(id), resource);
    }
  }

  #indexed(): Map<string, Resource[]> {
    if (this.#byId === undefined) {
      this.#byId = new Map();
      for (const resource of this.#resources) this.#index(this.#byId, resource);
    }
    return this.#byId;
  }

  #index(index: Map<string, Resource[]>, resource: Resource): void {
    const keys = new Set(formerIds(resource).map(idKey));
    keys.add(idKey(currentId(resource, this.scope)));
    for (const key of keys) {
      const found = index.get(key);
      if (found === undefined) index.set(key, [resource]);
      else found.push(resource);
    }
  }
}

function duplicate(id: ResId, resource: Resource, rival: Resource): Failure {
  const first = rival.origin.line === undefined ? rival.origin.file : `${rival.origin.file}:${rival.origin.line}`;
  return new Failure("DuplicateObject", {
    message: `this object is already defined in ${first}`,
    object: describeResId(id),
    ...resource.origin,
    hint: "may not add resource with an already registered id: remove or rename one of the two",
  });
}

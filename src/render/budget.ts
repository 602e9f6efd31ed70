import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { isList, isMap, type Value } from "./value/value.ts";

const mib = 2 ** 20;

/** What one build may take. The largest environments known come to a tenth of it. */
const limits = {
  /** Of files, each counted as often as it is read. */
  readBytes: 256 * mib,
  /** Kustomizations, each counted as often as one is reached. */
  kustomizations: 10_000,
  /** In the set of one kustomization. */
  objects: 25_000,
  /** Objects that one kustomization hands to the next, over all of them. */
  moves: 250_000,
  /** What objects weigh, as `weightOf` counts it; also what copying within objects may add. */
  weight: 128 * mib,
} as const;

/** What a value costs beside its text. */
const valueWeight = 64;

/** What a value weighs: its texts, and 64 for each value in it. Stops counting beyond `most`. */
export function weightOf(value: Value, most = Number.POSITIVE_INFINITY): number {
  let weight = valueWeight;
  if (typeof value === "string") return weight + value.length;
  if (isList(value)) {
    for (const item of value) {
      if (weight > most) return weight;
      weight += weightOf(item, most - weight);
    }
  } else if (isMap(value)) {
    for (const key in value) {
      if (weight > most) return weight;
      weight += key.length + weightOf(value[key] ?? null, most - weight);
    }
  }
  return weight;
}

/**
 * Counts what one build takes. Every method throws `Failure` (InputTooLarge) where it is more than a build may, so each is
 * called where something grows, before it is used: the failure is the same at every try, and whoever calls says where it is.
 */
export class Budget {
  #read = 0;
  #kustomizations = 0;
  #moves = 0;
  #copied = 0;
  /** How much may have been added since the objects were last weighed. */
  #unweighed = 0;

  /** Bytes of a file were read. */
  read(bytes: number, file: string): void {
    this.#read += bytes;
    if (this.#read <= limits.readBytes) return;
    const message = `this build reads more than ${limits.readBytes / mib} MiB of files, each counted as often as it is used`;
    throw new Failure("InputTooLarge", { message, file, hint: "use large files and bases once, or split the build" });
  }

  /** One more kustomization was reached. */
  kustomization(): void {
    this.#kustomizations += 1;
    if (this.#kustomizations <= limits.kustomizations) return;
    const message = `this build uses more than ${limits.kustomizations} kustomizations, each counted as often as it is used`;
    throw tooLarge(message, "bases that use bases twice multiply: list each of them once");
  }

  /** Objects come to others in one set, which holds `all` then. */
  objects(added: number, all: number): void {
    this.#moves += added;
    if (all > limits.objects) throw tooLarge(`more than ${limits.objects} objects in one kustomization`, split);
    if (this.#moves <= limits.moves) return;
    const message = `kustomizations pass on more than ${limits.moves} objects in all`;
    throw tooLarge(message, "bases that use bases twice multiply: list each of them once");
  }

  /** Values of so much weight are about to come into so many objects. */
  spread(weight: number, objects: number): void {
    if (weight * objects <= limits.weight) return;
    const takes = `takes ${Math.ceil((weight * objects) / mib)} MiB; the limit is ${limits.weight / mib} MiB`;
    throw tooLarge(`what is added to ${objects} objects here ${takes}`, split);
  }

  /** A value is copied to another place. */
  copyOf(value: Value): void {
    this.text(weightOf(value, limits.weight));
  }

  /** A text of so many characters is put together. */
  text(length: number): void {
    this.#copied += length;
    if (this.#copied <= limits.weight) return;
    throw tooLarge(`copies more than ${limits.weight / mib} MiB within this build`, "check for nested copies");
  }

  /** What has been read so far. */
  get bytesRead(): number {
    return this.#read;
  }

  /** All objects together may become so much heavier; tells whether it is time to weigh them at every step. */
  mayGrow(most: number): boolean {
    this.#unweighed += most;
    return this.#unweighed > limits.weight / 2;
  }

  /** What all objects weigh together. */
  weigh(values: Iterable<Value>): void {
    this.#unweighed = 0;
    let left = limits.weight;
    for (const value of values) {
      left -= weightOf(value, left);
      if (left < 0) throw tooLarge(`the objects exceed ${limits.weight / mib} MiB here`, split);
    }
  }
}

/** The tree, whose files are counted as they are read. */
export function countedTree(tree: FileTree, budget: Budget): FileTree {
  return {
    entry: (path) => tree.entry(path),
    list: (path) => tree.list(path),
    async read(path) {
      const content = await tree.read(path);
      budget.read(content.byteLength, path);
      return content;
    },
  };
}

const split = "split it into several Environments";

function tooLarge(message: string, hint: string): Failure {
  return new Failure("InputTooLarge", { message, hint });
}

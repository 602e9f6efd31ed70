import type { ResourceType, WatchEvent, WatchOptions } from "../../../src/cluster/index.ts";
import { untilAborted } from "../../../src/model/async/until-aborted.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { matches, shownAs } from "./selectors.ts";

/** A write that was made: the object before and after it. */
interface Write {
  readonly version: number;
  readonly kind: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

/** What etcd and the watch cache are to an API server: objects, one version for all of them, and what happened since. */
export class Store {
  readonly #objects = new Map<string, KubeObject>();
  #writes: Write[] = [];
  #version = 1;
  #oldest = 0;
  #written = Promise.withResolvers<void>();

  get version(): string {
    return String(this.#version);
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  all(prefix: string): readonly KubeObject[] {
    return [...this.#objects].flatMap(([key, object]) => (key.startsWith(prefix) ? [object] : []));
  }

  /** Keeps an object, or its end where there is none after; answers with the object at the new version. */
  write(key: string, kind: string, after: KubeObject | undefined): KubeObject {
    const before = this.#objects.get(key);
    this.#version += 1;
    const resourceVersion = this.version;
    const last = after ?? before;
    if (last === undefined) throw new Error(`there is no ${key} to delete`);
    const now = { ...last, metadata: { ...last.metadata, resourceVersion } };
    if (after === undefined) this.#objects.delete(key);
    else this.#objects.set(key, now);
    this.#writes.push({
      version: this.#version,
      kind,
      before: before && now && asAt(before, now),
      after: after && now,
    });
    this.#written.resolve();
    this.#written = Promise.withResolvers();
    return now;
  }

  /** Forgets what happened until now: who goes on from there has to list. */
  compact(): void {
    this.#oldest = this.#version;
    this.#writes = [];
  }

  /** What happens to the objects of a kind from a version on. Ends with the signal. */
  async *watch(type: ResourceType, options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    let at = Number(options.resourceVersion);
    if (at < this.#oldest) {
      yield { type: "EXPIRED" };
      return;
    }
    yield { type: "OPENED" };
    for (;;) {
      const next = this.#writes.find(({ version }) => version > at);
      if (next === undefined) {
        await untilAborted(this.#written.promise, signal);
        continue;
      }
      at = next.version;
      const event = next.kind === type.kind ? eventOf(next, options) : undefined;
      if (event !== undefined) yield event;
    }
  }
}

/** What an object was, at the version at which it is not that any more. */
function asAt(before: KubeObject, { metadata: { resourceVersion } }: KubeObject): KubeObject {
  return { ...before, metadata: { ...before.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) } };
}

/** What an object that comes to match, or stops matching, looks like to who watches with a selector. */
function eventOf({ before, after }: Write, options: WatchOptions): WatchEvent | undefined {
  const [was, is] = [before, after].map((object) => object !== undefined && matches(object, options));
  if (after !== undefined && is) {
    return { type: was ? "MODIFIED" : "ADDED", object: shownAs(after, options.metadataOnly) };
  }
  return before !== undefined && was ? { type: "DELETED", object: shownAs(before, options.metadataOnly) } : undefined;
}

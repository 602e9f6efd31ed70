import { reportBug } from "../../clock/index.ts";
import type { WatchedObjects } from "../../cluster/index.ts";
import type { KubeObject, ObjectMeta } from "../../model/manifest.ts";

/** An object that was deleted; another one of its name has another uid. */
export interface Gone {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What runs for one object. */
export interface ObjectRunner<Watched> {
  update(object: Watched): void;
  close(): Promise<void>;
}

/** How the objects of one kind are run. */
export interface ControllerOptions<Watched, Running extends ObjectRunner<Watched>> {
  readonly start: (object: Watched) => Running;
  /** An object is gone, nothing of it runs any more, and no other has its name. */
  readonly gone?: (gone: Gone) => void;
}

/** A runner for each object of one kind. */
export interface Controller<Watched, Running extends ObjectRunner<Watched>> {
  readonly size: number;
  get(namespace: string, name: string): Running | undefined;
  all(): readonly Running[];
  /** An object came or was changed. One that was deleted and created again under its name is another one. */
  put(object: Watched): void;
  remove(object: Pick<Gone, "namespace" | "name"> & { readonly uid?: string }): void;
  /** Resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** Runs nothing yet. */
export function createController<
  Watched extends { readonly metadata: ObjectMeta },
  Running extends ObjectRunner<Watched>,
>({ start, gone }: ControllerOptions<Watched, Running>): Controller<Watched, Running> {
  interface Entry {
    readonly uid: string;
    readonly runner: Running;
  }
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();

  const end = ({ runner }: Entry): Promise<void> => {
    const closed = runner.close();
    closing.add(closed);
    closed.catch(reportBug).finally(() => closing.delete(closed));
    return closed;
  };

  return {
    get size() {
      return entries.size;
    },
    get: (namespace, name) => entries.get(`${namespace}/${name}`)?.runner,
    all: () => [...entries.values()].map(({ runner }) => runner),
    put(object) {
      const { namespace = "", name, uid = "" } = object.metadata;
      const key = `${namespace}/${name}`;
      const known = entries.get(key);
      if (known?.uid === uid) return known.runner.update(object);
      if (known !== undefined) void end(known);
      entries.set(key, { uid, runner: start(object) });
    },
    remove({ namespace, name, uid = "" }) {
      const key = `${namespace}/${name}`;
      const known = entries.get(key);
      if (known?.uid !== uid) return;
      entries.delete(key);
      void end(known)
        .then(() => {
          if (!entries.has(key)) gone?.({ namespace, name, uid });
        })
        .catch(reportBug);
    },
    async close() {
      const runners = [...entries.values()];
      entries.clear();
      for (const entry of runners) void end(entry);
      await Promise.all(closing);
    },
  };
}

/** Keeps a controller at what a watch shows, from the objects that are there on. Returns how to stop that. */
export function followWatch<Running extends ObjectRunner<KubeObject>>(
  cache: Pick<WatchedObjects, "all" | "onChange">,
  controller: Controller<KubeObject, Running>,
): () => void {
  const stop = cache.onChange(({ type, object }) => {
    const { namespace = "", name, uid = "" } = object.metadata;
    if (type === "deleted") controller.remove({ namespace, name, uid });
    else controller.put(object);
  });
  for (const object of cache.all()) controller.put(object);
  return stop;
}

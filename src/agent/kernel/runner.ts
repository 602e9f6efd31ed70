import type { Cluster } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Loop } from "./loop.ts";
import { type ReconcilerOptions, startReconciler } from "./reconciler.ts";
import { type AnyStatus, createStatusWriter, type ResourceWithStatus, type StatusWriter } from "./status-writer.ts";

/** What a pass starts from. */
export interface Run<Resource, Status extends AnyStatus> {
  readonly resource: Resource;
  /** The writer of the moment: a pass may take another one. */
  readonly status: StatusWriter<Status>;
  readonly started: Date;
}

/** One kind of resource, as the kernel runs it. */
export interface RunnerOptions<Resource extends ResourceWithStatus<Status>, Status extends AnyStatus, Pass, Outcome>
  extends Omit<ReconcilerOptions<Pass, Outcome>, "begin"> {
  readonly cluster: Pick<Cluster, "patch">;
  readonly kind: string;
  /** Narrows an object by its schema. Throws `Failure` (SpecInvalid). */
  readonly read: (object: KubeObject) => Resource;
  /** What of an object is a reason for a pass when it changes; its generation where this is absent. */
  readonly trigger?: (object: KubeObject) => string;
  /** What the kind's own pass starts from. */
  readonly begin: (run: Run<Resource, Status>) => Pass;
  /** The object was changed, its trigger or anything else. */
  readonly updated?: (before: KubeObject, now: KubeObject) => void;
  /** Whether a trigger ends the pass under way; otherwise a pass follows it. */
  readonly interrupts?: boolean;
  /** Frees what belongs to this resource alone; no pass runs any more. */
  readonly close?: () => Promise<void> | void;
}

/** Reconciles one object until it is closed. */
export interface Runner<Resource, Status extends AnyStatus>
  extends Pick<Loop, "busy" | "closing" | "wake" | "wakeIn" | "interrupt"> {
  /** The object as it was last seen. */
  readonly object: KubeObject;
  /** The same as it was last read, once it was. */
  readonly resource: Resource | undefined;
  readonly status: StatusWriter<Status> | undefined;
  update(object: KubeObject): void;
  /** A writer that starts from another reading of the status. */
  statusFrom(read: ResourceWithStatus<Status>): StatusWriter<Status>;
  /** Writes with this writer from now on; where none is given, with one that starts from the object as it is then. */
  useStatus(writer: StatusWriter<Status> | undefined): void;
  /** Resolves when nothing of it runs any more. */
  close(): Promise<void>;
}

/** Starts with a pass at once. */
export function startRunner<Resource extends ResourceWithStatus<Status>, Status extends AnyStatus, Pass, Outcome>(
  options: RunnerOptions<Resource, Status, Pass, Outcome>,
  first: KubeObject,
): Runner<Resource, Status> {
  const { cluster, kind, read, trigger = generationOf, interrupts = false } = options;
  let object = first;
  let resource: Resource | undefined;
  let status: StatusWriter<Status> | undefined;
  let generation = 0;

  const writer = (from: ResourceWithStatus<Status>): StatusWriter<Status> =>
    createStatusWriter(cluster, kind, from, () => generation);

  const loop = startReconciler({
    ...options,
    begin(started) {
      // Also where it cannot be read: that is said of this generation, and of no earlier one.
      generation = object.metadata.generation ?? 0;
      resource = read(object);
      status ??= writer(resource);
      const first = status;
      return options.begin({
        resource,
        started,
        get status() {
          return status ?? first;
        },
      });
    },
  });

  return {
    get busy() {
      return loop.busy;
    },
    closing: loop.closing,
    wake: loop.wake,
    wakeIn: loop.wakeIn,
    interrupt: loop.interrupt,
    get object() {
      return object;
    },
    get resource() {
      return resource;
    },
    get status() {
      return status;
    },
    update(now) {
      const before = object;
      object = now;
      options.updated?.(before, now);
      if (trigger(before) === trigger(now)) return;
      if (interrupts) loop.interrupt(`the ${kind} was changed`);
      else loop.wake();
    },
    statusFrom: writer,
    useStatus(other) {
      status = other;
    },
    async close() {
      await loop.close();
      await options.close?.();
    },
  };
}

const generationOf = ({ metadata }: KubeObject): string => String(metadata.generation ?? 0);

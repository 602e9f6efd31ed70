import { describe, expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster, ListOptions, ResourceType, WatchEvent, WatchOptions } from "../cluster.ts";
import { createWatchHub } from "./hub.ts";
import type { Change } from "./store.ts";

const { signal } = new AbortController();
const configMaps: ResourceType = {
  ...{ group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
  verbs: ["list", "watch"],
};
const pace = {
  ...{ serverTimeoutSeconds: 300, silenceMs: 60_000, stableMs: 10_000 },
  ...{ shortestPauseMs: 1, longestPauseMs: 5, renewAfterMs: 0 },
};
const everything = { resource: configMaps, metadataOnly: true };
const whole = { resource: configMaps, metadataOnly: false };
const team: (object: KubeObject) => readonly string[] = ({ metadata }) =>
  metadata.labels?.team === undefined ? [] : [metadata.labels.team];

/** An API server in memory: it keeps ConfigMaps, and answers lists when it is let. */
class Api {
  /** What was asked for: `list shop metadata`, `watch`. */
  readonly asked: string[] = [];
  refusal: Failure | undefined;
  /** Lists wait for it. */
  gate: Promise<void> = Promise.resolve();
  open = 0;
  readonly #objects = new Map<string, KubeObject>();
  /** What happened, by version from 1. */
  readonly #events: WatchEvent[] = [];
  readonly #watchers = new Set<() => void>();
  #cutting = new AbortController();

  put(name: string, value: string, labels: Record<string, string> = {}): void {
    const known = this.#objects.get(name);
    const metadata = {
      name,
      namespace: "shop",
      uid: `uid-${name}`,
      labels,
      resourceVersion: `${this.#events.length + 1}`,
    };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { value } } as KubeObject;
    this.#objects.set(name, object);
    this.#events.push({ type: known === undefined ? "ADDED" : "MODIFIED", object });
    for (const wake of this.#watchers) wake();
  }

  /** Ends the watches that are open, in order. */
  cut(): void {
    this.#cutting.abort();
    this.#cutting = new AbortController();
    for (const wake of this.#watchers) wake();
  }

  readonly cluster = {
    list: async (_type: ResourceType, { namespace = "", metadataOnly = false }: ListOptions) => {
      this.asked.push(`list ${namespace} ${metadataOnly ? "metadata" : "whole"}`);
      await this.gate;
      if (this.refusal !== undefined) throw this.refusal;
      const items = [...this.#objects.values()].map((object) => projected(object, metadataOnly));
      return { items, resourceVersion: `${this.#events.length}` };
    },
    watch: (_type: ResourceType, options: WatchOptions, ends: AbortSignal) => this.#watch(options, ends),
    latestVersion: async () => `${this.#events.length}`,
    onRecovery: () => () => undefined,
  } as Partial<Cluster> as Cluster;

  async *#watch(options: WatchOptions, ends: AbortSignal): AsyncGenerator<WatchEvent> {
    ends.throwIfAborted();
    const cut = this.#cutting.signal;
    let wake = (): void => undefined;
    const woken = () => wake();
    ends.addEventListener("abort", woken);
    this.#watchers.add(woken);
    this.open += 1;
    try {
      yield { type: "OPENED" };
      for (let next = Number(options.resourceVersion); !ends.aborted && !cut.aborted; ) {
        const event = this.#events[next];
        if (event !== undefined && "object" in event) {
          next += 1;
          yield { ...event, object: projected(event.object, options.metadataOnly === true) };
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      this.open -= 1;
      this.#watchers.delete(woken);
    }
  }
}

function projected({ apiVersion, kind, metadata, ...rest }: KubeObject, metadataOnly: boolean): KubeObject {
  return { apiVersion, kind, metadata, ...(metadataOnly ? {} : rest) };
}

const shown = (objects: readonly KubeObject[]) =>
  objects.map(({ metadata, data }) => `${metadata.name}${data === undefined ? "" : " whole"}`);

describe("sharing", () => {
  test.each([
    ["the same kind", {}, 1],
    ["an empty namespace, which is all of them", { namespace: "" }, 1],
    ["another projection", { metadataOnly: false }, 1],
    ["another namespace", { namespace: "shop" }, 2],
    ["another label selector", { labelSelector: "app" }, 2],
    ["another group", { resource: { ...configMaps, group: "example.com" } }, 2],
    ["another version", { resource: { ...configMaps, version: "v2" } }, 2],
    ["another scope", { resource: { ...configMaps, namespaced: false } }, 2],
  ])("%s", async (_, more, count) => {
    const hub = createWatchHub(new Api().cluster, pace);
    hub.subscribe(everything);
    hub.subscribe({ ...everything, ...more });
    expect(hub.size).toBe(count);
    await hub.close();
  });

  test("a watch is closed with its last user, and what is left calls no listener any more", async () => {
    const api = new Api();
    const hub = createWatchHub(api.cluster, pace);
    const [first, second] = [hub.subscribe(everything), hub.subscribe(everything)];
    const told: string[] = [];
    first.onChange(({ object }) => told.push(`first ${object.metadata.name}`));
    second.onChange(({ object }) => told.push(`second ${object.metadata.name}`));
    await Promise.all([first.ready(signal), second.ready(signal)]);
    await expect.poll(() => api.open).toBe(1);
    await first.close();
    await first.close();
    expect(hub.size).toBe(1);
    api.put("a", "1");
    await expect.poll(() => told).toEqual(["second a"]);
    await second.close();
    expect([hub.size, api.open]).toEqual([0, 0]);
    expect(api.asked).toEqual(["list  metadata"]);
  });
});

describe("a projection", () => {
  test("is widened for who needs whole objects, and shows what it showed until then", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const narrow = hub.subscribe(everything);
    await narrow.ready(signal);
    const gate = Promise.withResolvers<void>();
    api.gate = gate.promise;
    const wide = hub.subscribe(whole);
    await expect.poll(() => api.asked).toEqual(["list  metadata", "list  whole"]);
    expect([shown(narrow.all()), narrow.state, wide.state]).toEqual([["a"], "listed", "listing"]);
    gate.resolve();
    await wide.ready(signal);
    expect([shown(narrow.all()), shown(wide.all()), wide.state]).toEqual([["a whole"], ["a whole"], "listed"]);
    await expect.poll(() => api.open).toBe(1);
    await hub.close();
  });

  test("is narrowed when nobody needs more any longer", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const narrow = hub.subscribe(everything);
    const wide = hub.subscribe(whole);
    await wide.ready(signal);
    await wide.close();
    await expect.poll(() => shown(narrow.all())).toEqual(["a"]);
    // And widened again for the next one.
    const again = hub.subscribe(whole);
    await again.ready(signal);
    expect(shown(again.all())).toEqual(["a whole"]);
    await hub.close();
  });

  test("that changes while the first list is read makes another list, and only that one counts as whole", async () => {
    const api = new Api();
    api.put("a", "1");
    const gate = Promise.withResolvers<void>();
    api.gate = gate.promise;
    const hub = createWatchHub(api.cluster, pace);
    const narrow = hub.subscribe(everything);
    const wide = hub.subscribe(whole);
    gate.resolve();
    await wide.ready(signal);
    expect(shown(narrow.all())).toEqual(["a whole"]);
    expect(api.asked).toEqual(["list  metadata", "list  whole"]);
    await hub.close();
  });

  test("is widened too where no watch is open at that moment", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, { ...pace, shortestPauseMs: 400, longestPauseMs: 400 });
    const narrow = hub.subscribe(everything);
    await expect.poll(() => api.open).toBe(1);
    api.cut();
    await expect.poll(() => api.open, { interval: 2 }).toBe(0);
    const wide = hub.subscribe(whole);
    await wide.ready(AbortSignal.timeout(5_000));
    expect(shown(narrow.all())).toEqual(["a whole"]);
    expect(api.asked).toEqual(["list  metadata", "list  whole"]);
    await hub.close();
  });

  test("costs no change and loses none", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const narrow = hub.subscribe(everything);
    await narrow.ready(signal);
    const told: Change["type"][] = [];
    narrow.onChange(({ type }) => told.push(type));
    const gate = Promise.withResolvers<void>();
    api.gate = gate.promise;
    const wide = hub.subscribe(whole);
    await expect.poll(() => api.asked.length).toBe(2);
    api.put("b", "1");
    gate.resolve();
    await wide.ready(signal);
    expect(told).toEqual(["added"]);
    api.put("a", "2");
    await expect.poll(() => told).toEqual(["added", "modified"]);
    await hub.close();
  });

  test("narrowed and widened again while the list is read takes nothing from who needs whole objects", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const [narrow, first] = [hub.subscribe(everything), hub.subscribe(whole)];
    await Promise.all([narrow.ready(signal), first.ready(signal)]);
    const before = api.asked.length;
    const [narrowing, widening] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    api.gate = narrowing.promise;
    await first.close();
    await expect.poll(() => api.asked.slice(before)).toEqual(["list  metadata"]);
    const next = hub.subscribe(whole);
    await next.ready(signal);
    api.gate = widening.promise;
    narrowing.resolve();
    await expect.poll(() => api.asked.slice(before)).toEqual(["list  metadata", "list  whole"]);
    expect([next.state, shown(next.all())]).toEqual(["listed", ["a whole"]]);
    widening.resolve();
    api.put("b", "1");
    await expect.poll(() => shown(next.all())).toEqual(["a whole", "b whole"]);
    expect(next.state).toBe("listed");
    await hub.close();
  });

  test("that cannot be listed keeps showing what there was, and says why", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const narrow = hub.subscribe(everything);
    await narrow.ready(signal);
    api.refusal = new Failure("ClusterBusy", { message: "no room" });
    const wide = hub.subscribe(whole);
    await expect.poll(() => wide.failure()).toMatchObject({ code: "ClusterBusy" });
    expect([shown(narrow.all()), wide.state]).toEqual([["a"], "listing"]);
    api.refusal = undefined;
    await wide.ready(signal);
    expect(wide.failure()).toBeUndefined();
    await hub.close();
  });
});

describe("a wait for the first list ends", () => {
  const failure = (message: string) => new Failure("Interrupted", { message });

  test.each(["metadata", "whole"])("with its own signal, while others go on waiting (%s)", async (which) => {
    const api = new Api();
    const gate = Promise.withResolvers<void>();
    api.gate = gate.promise;
    const hub = createWatchHub(api.cluster, pace);
    const query = { ...everything, metadataOnly: which === "metadata" };
    const [first, second] = [hub.subscribe(query), hub.subscribe(query)];
    const given = new AbortController();
    const waiting = first.ready(given.signal);
    given.abort(failure("given up"));
    await expect(waiting).rejects.toMatchObject({ message: "given up" });
    await expect(first.ready(given.signal)).rejects.toMatchObject({ message: "given up" });
    gate.resolve();
    await second.ready(signal);
    await hub.close();
  });

  test("with the subscription", async () => {
    const api = new Api();
    api.gate = new Promise(() => undefined);
    const hub = createWatchHub(api.cluster, pace);
    const [first, second] = [hub.subscribe(everything), hub.subscribe(everything)];
    const waiting = first.ready(signal);
    await first.close();
    await expect(waiting).rejects.toMatchObject({ code: "Interrupted" });
    expect(second.state).toBe("listing");
  });

  test("with a refusal, and the next one asks again", async () => {
    const api = new Api();
    api.refusal = new Failure("Forbidden", { message: "not for you" });
    const hub = createWatchHub(api.cluster, pace);
    const refused = hub.subscribe(everything);
    await expect(refused.ready(signal)).rejects.toMatchObject({ code: "Forbidden" });
    expect(refused.state).toBe("ended");
    api.refusal = undefined;
    const next = hub.subscribe(everything);
    await next.ready(signal);
    expect([hub.size, refused.state, next.state]).toEqual([2, "ended", "listed"]);
    await refused.close();
    expect(hub.subscribe(everything).state).toBe("listed");
    await hub.close();
  });

  test("with the hub, which opens nothing any more", async () => {
    const api = new Api();
    const hub = createWatchHub(api.cluster, pace);
    const subscription = hub.subscribe(whole);
    const refusesToList = new Api();
    refusesToList.refusal = new Failure("ClusterUnreachable", { message: "away" });
    const away = createWatchHub(refusesToList.cluster, pace);
    const waiting = away.subscribe(everything).ready(signal);
    await subscription.ready(signal);
    await Promise.all([hub.close(), away.close()]);
    await expect(waiting).rejects.toMatchObject({ code: "Interrupted" });
    expect(() => hub.subscribe(everything)).toThrow(expect.objectContaining({ code: "Interrupted" }));
    expect([hub.size, api.open]).toEqual([0, 0]);
  });
});

describe("a refusal is remembered", () => {
  test.each([
    ["of all namespaces", {}, new Failure("Forbidden", { message: "no" }), "Forbidden"],
    ["not of one namespace", { namespace: "shop" }, new Failure("Forbidden", { message: "no" }), undefined],
    ["not of a kind that is not served", {}, new Failure("KindUnknown", { message: "no" }), undefined],
  ])("%s", async (_, more, refusal, code) => {
    const api = new Api();
    api.refusal = refusal;
    const hub = createWatchHub(api.cluster, pace);
    await expect(hub.subscribe({ ...everything, ...more }).ready(signal)).rejects.toBe(refusal);
    expect(hub.refused(configMaps)?.code).toBe(code);
    expect(hub.refused({ ...configMaps, version: "v2" })).toBeUndefined();
    await hub.close();
  });

  test("a right that was taken away ends the watch for who comes next", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const first = hub.subscribe(everything);
    await first.ready(signal);
    api.refusal = new Failure("Forbidden", { message: "no more" });
    first.renew();
    await expect.poll(() => first.state).toBe("ended");
    const next = hub.subscribe(everything);
    await expect(next.ready(signal)).rejects.toMatchObject({ code: "Forbidden" });
    expect([shown(first.all()), shown(next.all())]).toEqual([["a"], []]);
    await hub.close();
  });
});

describe("objects that have a key", () => {
  test("are looked up and told of without the others, also when the key goes over", async () => {
    const api = new Api();
    api.put("a", "1", { team: "red" });
    api.put("b", "1", { team: "blue" });
    const hub = createWatchHub(api.cluster, pace);
    const subscription = hub.subscribe(everything);
    const told: string[] = [];
    for (const key of ["red", "blue"]) {
      subscription.onChangeOf(team, key, ({ type, object }) => told.push(`${key}: ${type} ${object.metadata.name}`));
    }
    await subscription.ready(signal);
    expect(shown(subscription.by(team, "red"))).toEqual(["a"]);
    expect(told.splice(0)).toEqual(["red: added a", "blue: added b"]);
    api.put("a", "2", { team: "blue" });
    await expect.poll(() => told.length).toBe(2);
    expect(told.toSorted()).toEqual(["blue: modified a", "red: modified a"]);
    expect([shown(subscription.by(team, "red")), shown(subscription.by(team, "blue"))]).toEqual([[], ["b", "a"]]);
    await hub.close();
  });
});

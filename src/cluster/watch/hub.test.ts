import { describe, expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster, ListOptions, ResourceType, WatchEvent, WatchOptions } from "../cluster.ts";
import { ResponseTooLarge } from "../http/response-limits.ts";
import { createWatchHub } from "./hub.ts";

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
  /** Of lists of whole objects alone. */
  wholeRefusal: Failure | undefined;
  /** Lists wait for it. */
  gate: Promise<void> = Promise.resolve();
  open = 0;
  readonly #objects = new Map<string, KubeObject>();
  /** What happened, by version from 1. */
  readonly #events: WatchEvent[] = [];
  readonly #watchers = new Set<() => void>();

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

  readonly cluster = {
    list: async (_type: ResourceType, { namespace = "", metadataOnly = false }: ListOptions) => {
      this.asked.push(`list ${namespace} ${metadataOnly ? "metadata" : "whole"}`);
      await this.gate;
      const refusal = this.refusal ?? (metadataOnly ? undefined : this.wholeRefusal);
      if (refusal !== undefined) throw refusal;
      const items = [...this.#objects.values()].map((object) => projected(object, metadataOnly));
      return { items, resourceVersion: `${this.#events.length}` };
    },
    watch: (_type: ResourceType, options: WatchOptions, ends: AbortSignal) => this.#watch(options, ends),
    latestVersion: async () => `${this.#events.length}`,
    onRecovery: () => () => undefined,
  } as Partial<Cluster> as Cluster;

  async *#watch(options: WatchOptions, ends: AbortSignal): AsyncGenerator<WatchEvent> {
    ends.throwIfAborted();
    let wake = (): void => undefined;
    const woken = () => wake();
    ends.addEventListener("abort", woken);
    this.#watchers.add(woken);
    this.open += 1;
    try {
      yield { type: "OPENED" };
      for (let next = Number(options.resourceVersion); !ends.aborted; ) {
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
    ["another projection", { metadataOnly: false }, 2],
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

describe("whole objects and metadata of the same kind", () => {
  test("are shown to those who need them, and each is closed with its last user", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const narrow = hub.subscribe(everything);
    const wide = hub.subscribe(whole);
    await Promise.all([narrow.ready(signal), wide.ready(signal)]);
    expect([shown(narrow.all()), shown(wide.all())]).toEqual([["a"], ["a whole"]]);
    await wide.close();
    await expect.poll(() => [hub.size, api.open]).toEqual([1, 1]);
    expect(api.asked).toEqual(["list  metadata", "list  whole"]);
    await hub.close();
  });

  test.each<[string, Failure]>([
    ["too large", new ResponseTooLarge("https://api.example", 1024 ** 2)],
    ["beyond the memory budget", new Failure("ClusterBusy", { message: "no room" })],
    ["refused", new Failure("Forbidden", { message: "not for you" })],
  ])("a whole list that is %s costs the followers of metadata nothing, before and after", async (_, failure) => {
    const api = new Api();
    api.put("a", "1");
    api.wholeRefusal = failure;
    const hub = createWatchHub(api.cluster, pace);
    const first = hub.subscribe(everything);
    await first.ready(signal);
    const changes: string[] = [];
    first.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
    const wide = hub.subscribe(whole);
    await expect.poll(() => wide.failure()).toBe(failure);
    const second = hub.subscribe(everything);
    await second.ready(signal);
    api.put("b", "1");
    await expect.poll(() => shown(second.all())).toEqual(["a", "b"]);
    expect([first.state, first.failure(), second.state, second.failure()]).toEqual([
      "listed",
      undefined,
      "listed",
      undefined,
    ]);
    expect([shown(first.all()), changes, shown(wide.all())]).toEqual([["a", "b"], ["added b"], []]);
    // No list was made of metadata but the first: nothing was missed in between.
    expect(api.asked.filter((each) => each.endsWith("metadata"))).toEqual(["list  metadata"]);
    await hub.close();
  });

  test("one that had whole objects and loses them leaves the metadata followed", async () => {
    const api = new Api();
    api.put("a", "1");
    const hub = createWatchHub(api.cluster, pace);
    const [narrow, wide] = [hub.subscribe(everything), hub.subscribe(whole)];
    await Promise.all([narrow.ready(signal), wide.ready(signal)]);
    api.wholeRefusal = new Failure("ClusterBusy", { message: "no room" });
    wide.renew();
    await expect.poll(() => wide.failure()).toMatchObject({ code: "ClusterBusy" });
    api.put("b", "1");
    await expect.poll(() => shown(narrow.all())).toEqual(["a", "b"]);
    expect(narrow.failure()).toBeUndefined();
    api.wholeRefusal = undefined;
    await expect.poll(() => shown(wide.all())).toEqual(["a whole", "b whole"]);
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

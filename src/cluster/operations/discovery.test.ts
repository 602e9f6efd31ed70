import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeConnection, statusOf } from "../../../test/cluster/fake-connection.ts";
import { Failure } from "../../model/failure.ts";
import type { ApiRequest } from "../http/connection.ts";
import { createDiscovery } from "./discovery.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], fakeNodeBuiltins: true });
  vi.setTimerTickMode("nextTimerAsync");
});
afterEach(() => void vi.useRealTimers());

const { signal } = new AbortController();
const resource = (kind: string, plural: string, more: object = {}) => ({
  resource: plural,
  responseKind: { group: "", version: "", kind },
  scope: "Namespaced",
  singularResource: kind.toLowerCase(),
  verbs: ["get", "list"],
  ...more,
});
const group = (name: string, version: string, resources: readonly object[], more: object = {}) => ({
  metadata: name === "" ? {} : { name },
  versions: [{ version, resources, freshness: "Current", ...more }],
});
const list = (...items: readonly object[]) => ({ kind: "APIGroupDiscoveryList", items });
const core = list(
  group("", "v1", [
    resource("ConfigMap", "configmaps", { shortNames: ["cm"] }),
    resource("Node", "nodes", { scope: "Cluster", singularResource: "" }),
  ]),
);

/** A server whose groups can change; `groups` is what `/apis` answers. */
function server(groups: () => object) {
  let version = 0;
  let last = "";
  const connection = fakeConnection(({ path, ifNoneMatch }: ApiRequest) => {
    if (path === "/api") return { status: 200, body: core };
    const body = groups();
    if (JSON.stringify(body) !== last) version += 1;
    last = JSON.stringify(body);
    const etag = `"${version}"`;
    return ifNoneMatch === etag ? { status: 304, body: undefined } : { status: 200, body, etag };
  });
  return { connection, discovery: createDiscovery(connection) };
}

describe("a kind", () => {
  test("is found with its names and scope by two requests, and then from the cache", async () => {
    const { connection, discovery } = server(() => list());
    expect(await discovery.find("v1", "ConfigMap", signal)).toEqual({
      ...{ group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
      ...{ shortNames: ["cm", "configmap"], verbs: ["get", "list"] },
    });
    expect(await discovery.find("v1", "Node", signal)).toMatchObject({ namespaced: false, shortNames: [] });
    expect(connection.sent).toEqual(["GET /api", "GET /apis"]);
  });

  test("that is missing is asked for again each time, as its definition may have come", async () => {
    let defined = false;
    const { connection, discovery } = server(() =>
      list(...(defined ? [group("example.com", "v1", [resource("Thing", "things")])] : [])),
    );
    expect(await discovery.find("example.com/v1", "Thing", signal)).toBeUndefined();
    defined = true;
    expect(await discovery.find("example.com/v1", "Thing", signal)).toMatchObject({ plural: "things" });
    expect(connection.requests).toHaveLength(4);
    // What did not change is not sent again.
    expect(connection.requests[3]?.ifNoneMatch).toBe('"1"');
  });

  test("is asked for once, however many need it at the same time", async () => {
    const { connection, discovery } = server(() => list());
    await Promise.all(Array.from({ length: 50 }, () => discovery.find("v1", "ConfigMap", signal)));
    expect(connection.requests).toHaveLength(2);
  });

  test.each(["subresource without a kind", "resource without a kind"])("is not made of a %s", async (what) => {
    const odd = what.startsWith("sub") ? { resource: "things/status" } : { ...resource("", "things") };
    const { discovery } = server(() => list(group("example.com", "v1", [odd])));
    expect(await discovery.all(signal)).toHaveLength(2);
  });
});

describe("a group that was invalidated", () => {
  test("is asked for again, others are not", async () => {
    let plural = "things";
    const { connection, discovery } = server(() => list(group("example.com", "v1", [resource("Thing", plural)])));
    await discovery.find("example.com/v1", "Thing", signal);
    plural = "thingies";
    discovery.invalidate("example.com");
    expect(await discovery.find("v1", "ConfigMap", signal)).toBeDefined();
    expect(connection.requests).toHaveLength(2);
    expect(discovery.cached("example.com/v1", "Thing")?.plural).toBe("things");
    expect((await discovery.find("example.com/v1", "Thing", signal))?.plural).toBe("thingies");
  });

  test("stays so when the server does not answer", async () => {
    let down = false;
    const { discovery } = server(() => {
      if (down) throw new Failure("ClusterUnreachable", { message: "down" });
      return list(group("example.com", "v1", [resource("Thing", "things")]));
    });
    await discovery.all(signal);
    down = true;
    discovery.invalidate("example.com");
    await expect(discovery.find("example.com/v1", "Thing", signal)).rejects.toMatchObject({ message: "down" });
    await expect(discovery.all(signal)).rejects.toMatchObject({ code: "ClusterUnreachable" });
    down = false;
    expect(await discovery.find("example.com/v1", "Thing", signal)).toBeDefined();
  });
});

test("a kind of an aggregated server that does not answer is unknown for now, not missing", async () => {
  const { discovery } = server(() => list(group("metrics.k8s.io", "v1", [], { freshness: "Stale" })));
  await expect(discovery.find("metrics.k8s.io/v1", "PodMetrics", signal)).rejects.toMatchObject({
    code: "ClusterUnreachable",
    problems: [{ object: "metrics.k8s.io/v1 PodMetrics" }],
  });
  expect(await discovery.find("metrics.k8s.io/v2", "PodMetrics", signal)).toBeUndefined();
});

test.each([
  ["a server older than aggregated discovery", { status: 200, body: { kind: "APIVersions" } }, "ClusterUnreachable"],
  ["one that refuses", statusOf(403, "Forbidden", { message: 'User "x" cannot get path "/api"' }), "Forbidden"],
])("%s is told", async (_, answer, code) => {
  const discovery = createDiscovery(fakeConnection(() => answer));
  await expect(discovery.find("v1", "ConfigMap", signal)).rejects.toMatchObject({ code });
});

test("who gives up waits no longer, and the others get their answer", async () => {
  const gate = Promise.withResolvers<void>();
  const discovery = createDiscovery(
    fakeConnection(async ({ path }) => {
      await gate.promise;
      return { status: 200, body: path === "/api" ? core : list() };
    }),
  );
  const given = new AbortController();
  const [first, second] = [discovery.find("v1", "Node", given.signal), discovery.find("v1", "Node", signal)];
  given.abort(new Failure("Interrupted", { message: "a newer commit" }));
  await expect(first).rejects.toMatchObject({ message: "a newer commit" });
  gate.resolve();
  expect(await second).toMatchObject({ plural: "nodes" });
});

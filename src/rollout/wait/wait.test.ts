/** How a wait for health ends: healthy, failed, out of time, blind, interrupted; and what it does until then. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { available, deployment, never, settings } from "../../../test/rollout/objects.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Wait } from "./health-wait.ts";
import { waitForHealth } from "./wait.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const web = deployment("web");
const ready = deployment("web", { status: available });
/** A Deployment whose controller has given up. */
const stalled = deployment("web", {
  status: {
    observedGeneration: 1,
    conditions: [
      {
        type: "Progressing",
        status: "False",
        reason: "ProgressDeadlineExceeded",
        message: "has timed out progressing",
      },
    ],
  },
});
const keyOf = (object: KubeObject) => formatId(manifestOf(object).id);
const tick = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

interface Begun {
  /** Undefined while it lasts; else `healthy`, or what it threw. */
  outcome: unknown;
}

/** A wait of a minute for the Deployment, or as it says. */
function begin(target: ApplyTarget, more: Partial<Wait> = {}, signal = never): Begun {
  const begun: Begun = { outcome: undefined };
  const { id, origin } = manifestOf(web);
  const wait: Wait = {
    objects: [{ id, apiVersion: "apps/v1", origin }],
    written: new Map(),
    since: new Date(),
    deadline: performance.now() + 60_000,
    freesStuckPods: false,
    secrets: undefined,
    ...more,
  };
  waitForHealth(target, wait, signal).then(
    () => {
      begun.outcome = "healthy";
    },
    (thrown: unknown) => {
      begun.outcome = thrown;
    },
  );
  return begun;
}

describe("it ends", () => {
  test("at once where there is nothing to wait for, or all is healthy", async () => {
    const fake = new FakeCluster();
    fake.put(ready);
    const [none, one] = [begin(fake.target(), { objects: [] }), begin(fake.target())];
    await tick(1);
    expect([none.outcome, one.outcome]).toEqual(["healthy", "healthy"]);
  });

  test("as soon as the last object becomes healthy", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const begun = begin(fake.target());
    await tick(30_000);
    expect(begun.outcome).toBeUndefined();
    fake.put(ready);
    await tick(1);
    expect(begun.outcome).toBe("healthy");
  });

  test("as soon as one certainly will not be healthy, with its file", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const begun = begin(fake.target());
    await tick(1_000);
    fake.put(stalled);
    await tick(10_000);
    expect(begun.outcome).toMatchObject({
      code: "HealthFailed",
      problems: [{ file: "web.yaml", line: 1, object: "Deployment/shop/web" }],
    });
  });

  test("at the deadline, with everything that is not healthy", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const config = manifestOf(settings("config")).id;
    const objects = [web, deployment("other")].map((object) => ({ id: manifestOf(object).id, apiVersion: "apps/v1" }));
    const begun = begin(fake.target(), { objects: [...objects, { id: config, apiVersion: "v1" }] });
    fake.put(settings("config"));
    await tick(59_000);
    expect(begun.outcome).toBeUndefined();
    await tick(1_001);
    expect(begun.outcome).toMatchObject({
      code: "HealthTimeout",
      problems: [{ object: "Deployment/shop/web" }, { object: "Deployment/shop/other", message: "does not exist" }],
    });
  });

  test("at once where the deadline has passed before it began, and all is judged once for that", async () => {
    const [well, ill] = [new FakeCluster(), new FakeCluster()];
    well.put(ready);
    ill.put(web);
    const deadline = performance.now() - 1;
    const [inTime, late] = [begin(well.target(), { deadline }), begin(ill.target(), { deadline })];
    await tick(10);
    expect(inTime.outcome).toBe("healthy");
    expect(late.outcome).toMatchObject({ code: "HealthTimeout" });
  });

  test("with the reason of its signal", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const stop = new AbortController();
    const begun = begin(fake.target(), {}, stop.signal);
    await tick(100);
    const reason = new Failure("Interrupted", { message: "a newer commit" });
    stop.abort(reason);
    await tick(0);
    expect(begun.outcome).toBe(reason);
  });

  test("where the view is closed: what it does not show says nothing against the revision", async () => {
    const fake = new FakeCluster();
    const closing = new AbortController();
    const target = fake.target();
    const begun = begin({ ...target, view: { ...target.view, closed: closing.signal } });
    await tick(100);
    const reason = new Failure("Interrupted", { message: "the view of the cluster was closed" });
    closing.abort(reason);
    await tick(0);
    expect(begun.outcome).toBe(reason);
  });

  test("with what keeps a watch from following at the deadline, which says nothing against the revision", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const away = new Failure("ClusterUnreachable", { message: "connection refused" });
    const target = fake.target();
    const begun = begin({ ...target, view: { ...target.view, failure: () => away } });
    await tick(60_001);
    expect(begun.outcome).toBe(away);
  });

  test("with what keeps its kinds from being listed", async () => {
    const fake = new FakeCluster();
    const target = fake.target();
    const forbidden = new Failure("Forbidden", { message: "may not list" });
    const begun = begin({ ...target, view: { ...target.view, track: () => Promise.reject(forbidden) } });
    await tick(0);
    expect(begun.outcome).toBe(forbidden);
  });
});

describe("what was written counts when the watch shows it", () => {
  test("not what it showed before, however healthy", async () => {
    const fake = new FakeCluster();
    const { metadata } = fake.put(ready);
    const written = new Map([[keyOf(web), String(Number(metadata.resourceVersion) + 1)]]);
    const begun = begin(fake.target(), { written });
    await tick(10_000);
    expect(begun.outcome).toBeUndefined();
    fake.put(ready);
    await tick(1);
    expect(begun.outcome).toBe("healthy");
  });

  test("and a watch that does not show it for five seconds is renewed", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const renewed: string[] = [];
    const target = fake.target();
    const view = { ...target.view, renew: ({ name }: { readonly name: string }) => void renewed.push(name) };
    begin({ ...target, view }, { written: new Map([[keyOf(web), "1000"]]) });
    await tick(4_999);
    expect(renewed).toEqual([]);
    await tick(2);
    expect(renewed).toEqual(["web"]);
  });
});

describe("an object that is deleted meanwhile", () => {
  test("is made again, and waited for at the version of that", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const remade: string[] = [];
    const begun = begin(fake.target(), {
      remake: async ({ name }) => {
        remade.push(name);
        return fake.put(web).metadata.resourceVersion;
      },
    });
    await tick(100);
    fake.remove(refOf(web));
    await tick(1);
    expect([remade, begun.outcome]).toEqual([["web"], undefined]);
    fake.put(ready);
    await tick(1);
    expect(begun.outcome).toBe("healthy");
  });

  test("is missing at the deadline where nobody may make it", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const begun = begin(fake.target());
    await tick(100);
    fake.remove(refOf(web));
    await tick(60_000);
    expect(begun.outcome).toMatchObject({ code: "HealthTimeout", problems: [{ message: "does not exist" }] });
  });

  test("ends the wait where the API server refuses it", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const refusal = new Failure("AdmissionDenied", { message: "no" });
    const begun = begin(fake.target(), { remake: () => Promise.reject(refusal) });
    await tick(100);
    fake.remove(refOf(web));
    await tick(1);
    expect(begun.outcome).toBe(refusal);
  });

  test("is tried again every five seconds where the API server is away", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    let tries = 0;
    begin(fake.target(), {
      remake: () => {
        tries += 1;
        return Promise.reject(new Failure("ClusterUnreachable", { message: "no" }));
      },
    });
    await tick(100);
    fake.remove(refOf(web));
    await tick(10_100);
    expect(tries).toBe(3);
  });

  test("is nobody's concern where it is not waited for", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    fake.put(settings("other"));
    const remake = vi.fn(async () => undefined);
    begin(fake.target(), { remake });
    await tick(100);
    fake.remove(refOf(settings("other")));
    await tick(1);
    expect(remake).not.toHaveBeenCalled();
  });
});

describe("evidence of pods and events", () => {
  /** The namespaces that are followed, and a call to say that something changed in one. */
  function following(fake: FakeCluster) {
    const followed = new Map<string, () => void>();
    const evidence: ApplyTarget["evidence"] = {
      follow: (namespace, onChange) => {
        followed.set(namespace, onChange);
        return () => followed.delete(namespace);
      },
      of: () => ({ pods: [], related: [], events: [] }),
    };
    return { target: fake.target({ evidence }), followed };
  }

  test("is collected where a wait takes longer than half a second, and given up with its end", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const { target, followed } = following(fake);
    const begun = begin(target);
    await tick(499);
    expect([...followed.keys()]).toEqual([]);
    await tick(2);
    expect([...followed.keys()]).toEqual(["shop"]);
    fake.put(ready);
    await tick(1);
    expect([begun.outcome, followed.size]).toEqual(["healthy", 0]);
  });

  test("is not collected for what has no namespace", async () => {
    const fake = new FakeCluster();
    const { target, followed } = following(fake);
    const node: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    begin(target, { objects: [{ id: manifestOf(node).id, apiVersion: "v1" }] });
    await tick(5_000);
    expect(followed.size).toBe(0);
  });

  test("has what is there judged again when it changes", async () => {
    const fake = new FakeCluster();
    fake.put(web);
    const { target, followed } = following(fake);
    let judged = 0;
    const of = () => {
      judged += 1;
      return { pods: [], related: [], events: [] };
    };
    const evidence = { ...target.evidence, of };
    begin({ ...target, evidence });
    await tick(600);
    const before = judged;
    followed.get("shop")?.();
    await tick(1);
    expect(judged).toBe(before + 1);
  });
});

test("many changes at once are judged once", async () => {
  const fake = new FakeCluster();
  fake.put(web);
  let judged = 0;
  const evidence = {
    follow: () => () => undefined,
    of: () => {
      judged += 1;
      return { pods: [], related: [], events: [] };
    },
  };
  begin(fake.target({ evidence }));
  await tick(100);
  const before = judged;
  for (let times = 0; times < 10; times += 1) fake.put(web);
  await tick(1);
  expect(judged).toBe(before + 1);
});

test("the values to be masked in logs are asked for only when the wait has ended badly", async () => {
  const fake = new FakeCluster();
  fake.put(stalled);
  const secrets = vi.fn(async () => ["hunter2"]);
  const begun = begin(fake.target(), { secrets });
  await tick(5_000);
  expect(begun.outcome).toMatchObject({ code: "HealthFailed" });
  expect(secrets).toHaveBeenCalledTimes(1);
});

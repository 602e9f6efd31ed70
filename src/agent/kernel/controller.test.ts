import { describe, expect, test } from "vitest";
import type { Change } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { createController, followWatch } from "./controller.ts";

const object = (name: string, uid = "1", generation = 1): KubeObject => ({
  apiVersion: "mooring.dev/v1alpha1",
  kind: "Environment",
  metadata: { name, namespace: "shop", uid, generation },
});
const gone = (name: string, uid = "1") => ({ namespace: "shop", name, uid });

/** A controller, and what it does with its runners; closing waits for the gate where one is given. */
function controlled(gate?: Promise<void>) {
  const log: string[] = [];
  const controller = createController<KubeObject, { update(object: KubeObject): void; close(): Promise<void> }>({
    start({ metadata: { name, uid } }) {
      log.push(`start ${name} ${uid}`);
      return {
        update: ({ metadata }) => void log.push(`update ${name} ${metadata.generation}`),
        async close() {
          log.push(`close ${name} ${uid}`);
          await gate;
        },
      };
    },
    gone: ({ name, uid }) => void log.push(`gone ${name} ${uid}`),
  });
  return { controller, log };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("an object", () => {
  test("that came has a runner, which is told of changes", () => {
    const { controller, log } = controlled();
    controller.put(object("web"));
    controller.put(object("web", "1", 2));
    expect(log).toEqual(["start web 1", "update web 2"]);
    expect([controller.size, controller.get("shop", "web") !== undefined, controller.all().length]).toEqual([
      1,
      true,
      1,
    ]);
    expect(controller.get("other", "web")).toBeUndefined();
  });

  test("that was deleted has none; it is gone once that has ended", async () => {
    const gate = Promise.withResolvers<void>();
    const { controller, log } = controlled(gate.promise);
    controller.put(object("web"));
    controller.remove(gone("web"));
    await settled();
    expect([controller.size, log]).toEqual([0, ["start web 1", "close web 1"]]);
    gate.resolve();
    await settled();
    expect(log.at(-1)).toBe("gone web 1");
  });

  test("of another uid under its name is another one", async () => {
    const { controller, log } = controlled();
    controller.put(object("web", "1"));
    controller.put(object("web", "2"));
    await settled();
    expect(log).toEqual(["start web 1", "close web 1", "start web 2"]);
  });

  test("that was created again before the former one has ended is not gone", async () => {
    const gate = Promise.withResolvers<void>();
    const { controller, log } = controlled(gate.promise);
    controller.put(object("web", "1"));
    controller.remove(gone("web", "1"));
    controller.put(object("web", "2"));
    gate.resolve();
    await settled();
    expect(log).toEqual(["start web 1", "close web 1", "start web 2"]);
  });

  test("is not ended by the late news that another one of its name was deleted", async () => {
    const { controller, log } = controlled();
    controller.put(object("web", "2"));
    controller.remove(gone("web", "1"));
    controller.remove(gone("unknown"));
    await settled();
    expect(log).toEqual(["start web 2"]);
  });
});

test("closing waits for all runners, those that were ended before included", async () => {
  const gate = Promise.withResolvers<void>();
  const { controller, log } = controlled(gate.promise);
  controller.put(object("a"));
  controller.put(object("b"));
  controller.remove(gone("a"));
  let closed = false;
  const closing = controller.close().then(() => {
    closed = true;
  });
  await settled();
  expect(closed).toBe(false);
  gate.resolve();
  await closing;
  expect(log).toEqual(["start a 1", "start b 1", "close a 1", "close b 1", "gone a 1"]);
});

test("a controller follows a watch from what is there on, until that is stopped", () => {
  const { controller, log } = controlled();
  const listeners = new Set<(change: Change) => void>();
  const stop = followWatch(
    {
      all: () => [object("old")],
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    controller,
  );
  for (const each of listeners) {
    each({ type: "added", object: object("new") });
    each({ type: "modified", object: object("old", "1", 2), previous: object("old") });
    each({ type: "deleted", object: object("new") });
  }
  expect(log).toEqual(["start old 1", "start new 1", "update old 2", "close new 1"]);
  stop();
  expect(listeners.size).toBe(0);
});

import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cluster } from "../cluster/index.ts";
import { untilAborted } from "../model/async/until-aborted.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { type Snapshot, snapshotName, snapshotSecrets } from "../rollout/index.ts";
import { createSnapshotStore } from "./snapshots.ts";

const signal = new AbortController().signal;
const namespace = "team-a";

/** A cluster that holds Secrets by name, and nothing else. */
function secretsOnly(secrets = new Map<string, KubeObject>()) {
  const cluster: Pick<Cluster, "get" | "apply"> = {
    get: async ({ name }) => secrets.get(name),
    async apply(object) {
      const created = !secrets.has(object.metadata.name);
      secrets.set(object.metadata.name, object);
      return { object, created };
    },
  };
  const store = (name: string) =>
    createSnapshotStore(cluster as unknown as Cluster, { name, namespace, uid: `u-${name}` });
  return { secrets, store };
}

/** Noise, so that it stays as large as it is when it is compressed. */
const large = (revision: string, bytes: number): Snapshot => ({
  revision,
  stages: [{ name: randomBytes(bytes).toString("base64"), timeoutMs: 1, manifests: [] }],
});

/** As versions before names of their own wrote them. */
async function formerly(snapshot: Snapshot, name: string): Promise<readonly KubeObject[]> {
  const secrets = await snapshotSecrets(snapshot, { name, namespace, uid: `u-${name}` });
  return secrets.map((secret, part) => ({
    ...secret,
    metadata: {
      ...secret.metadata,
      name: part === 0 ? `mooring-snapshot-${name}` : `mooring-snapshot-${name}-${part}`,
    },
  }));
}

test("no two parts of whatever environments have one name", () => {
  const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,8}[a-z0-9])?$/);
  const part = fc.tuple(name, fc.nat(20));
  fc.assert(
    fc.property(part, part, ([a, m], [b, n]) => {
      expect(snapshotName(a, m) === snapshotName(b, n)).toBe(a === b && m === n);
    }),
  );
});

describe("a snapshot that several ask for at the same time", () => {
  test("is read once, and goes on for the others when the first one gives up", async () => {
    const { secrets, store } = secretsOnly();
    await store("shop").write(large("a@1", 10), signal);
    const answers = Promise.withResolvers<void>();
    let asked = 0;
    const slow: Pick<Cluster, "get"> = {
      async get({ name }, until) {
        asked += 1;
        await untilAborted(answers.promise, until);
        return secrets.get(name);
      },
    };
    const shop = createSnapshotStore(slow as Cluster, { name: "shop", namespace, uid: "u-shop" });
    const impatient = new AbortController();
    const first = shop.read(impatient.signal);
    const second = shop.read(signal);
    impatient.abort(new Failure("Interrupted", { message: "given up" }));
    await expect(first).rejects.toMatchObject({ code: "Interrupted" });
    const third = shop.read(signal);
    answers.resolve();
    expect([await second, await third].map((read) => read?.revision)).toEqual(["a@1", "a@1"]);
    expect(asked).toBe(1);
  });

  test("is read again after it could not be, and what was written meanwhile stays", async () => {
    const { secrets, store } = secretsOnly();
    await store("shop").write(large("a@1", 10), signal);
    const failing = Promise.withResolvers<KubeObject | undefined>();
    const answers = [() => failing.promise];
    const unlucky: Pick<Cluster, "get" | "apply"> = {
      get: async ({ name }) => answers.pop()?.() ?? secrets.get(name),
      apply: async (object) => ({ object, created: true }),
    };
    const shop = createSnapshotStore(unlucky as Cluster, { name: "shop", namespace, uid: "u-shop" });
    const reading = shop.read(signal);
    await shop.write(large("a@2", 10), signal);
    failing.reject(new Failure("ClusterUnreachable", { message: "away" }));
    await expect(reading).rejects.toMatchObject({ code: "ClusterUnreachable" });
    expect((await shop.read(signal))?.revision).toBe("a@2");
    shop.forget();
    expect((await shop.read(signal))?.revision).toBe("a@1");
  });
});

describe("snapshots of environments whose names are alike", () => {
  test("stay apart, however large they are and in whatever order they are written", async () => {
    const { secrets, store } = secretsOnly();
    const [a, b] = [large("a@1", 1_500_000), large("b@1", 10)];
    await store("shop").write(a, signal);
    await store("shop-1").write(b, signal);
    expect(secrets.size).toBeGreaterThan(3);
    expect(await store("shop").read(signal)).toEqual(a);
    expect(await store("shop-1").read(signal)).toEqual(b);
  });

  test("are found where a former version put them, and written anew under their own names", async () => {
    const { secrets, store } = secretsOnly();
    const old = large("a@1", 1_500_000);
    for (const secret of await formerly(old, "shop")) secrets.set(secret.metadata.name, secret);
    expect(await store("shop").read(signal)).toEqual(old);
    // That name is the other one's: it held nothing of it.
    expect(await store("shop-1").read(signal)).toBeUndefined();
    const now = large("a@2", 1_500_000);
    await store("shop").write(now, signal);
    await store("shop-1").write(large("b@1", 10), signal);
    expect(await store("shop").read(signal)).toEqual(now);
  });

  test("are damaged, not mixed, where a former version had one write over the other", async () => {
    const { secrets, store } = secretsOnly();
    const other = large("b@1", 10);
    for (const secret of await formerly(large("a@1", 1_500_000), "shop")) secrets.set(secret.metadata.name, secret);
    for (const secret of await formerly(other, "shop-1")) secrets.set(secret.metadata.name, secret);
    expect(await store("shop-1").read(signal)).toEqual(other);
    await expect(store("shop").read(signal)).rejects.toMatchObject({ code: "SnapshotInvalid" });
  });
});

import { expect, test, vi } from "vitest";
import { type Environment, readEnvironment } from "../../../api/environment/environment.ts";
import { finalizer } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import { finalize } from "./finalize.ts";

const { signal } = new AbortController();

function deleted(at: Date): Environment {
  const metadata = { name: "shop", namespace: "apps", deletionTimestamp: at.toISOString(), finalizers: [finalizer] };
  const spec = { source: { url: "https://git.invalid/a.git" }, path: ".", timeout: "5m" };
  const entries = [{ id: "shop_held__ConfigMap", v: "v1" }];
  return readEnvironment({ metadata, spec, status: { inventory: { entries } } });
}

async function finalized(at: Date) {
  const patch = vi.fn();
  const abandoned = vi.fn();
  const cluster = { patch } as unknown as Cluster;
  const target = () =>
    Promise.reject(new Failure("HealthTimeout", { object: "ConfigMap/shop/held", message: "stays" }));
  const environment = deleted(at);
  const status = { current: environment.status, write: async () => undefined };
  const ended = finalize(cluster, environment, { target, status, abandoned }, signal);
  return { ended, patch, abandoned };
}

test("an Environment that cannot be finalized in time is let go, and what is left is told", async () => {
  const { ended, patch, abandoned } = await finalized(new Date(Date.now() - 600_000));
  await ended;
  expect(patch).toHaveBeenCalledOnce();
  expect(abandoned).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({
      message: expect.stringMatching(
        /^finalizer removed after 5m although not all objects could be deleted: ConfigMap\/shop\/held: stays; some or all of these .*: ConfigMap\/shop\/held/,
      ),
    }),
  );
});

test("before that it is tried again, and nothing is told", async () => {
  const { ended, patch, abandoned } = await finalized(new Date());
  await expect(ended).rejects.toMatchObject({ code: "HealthTimeout" });
  expect([patch, abandoned].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});

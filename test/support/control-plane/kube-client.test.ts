import { expect, test } from "vitest";
import { startFaultProxy } from "../faults/fault-proxy.ts";
import { eventually } from "../wait.ts";
import { startControlPlane } from "./control-plane.ts";
import { connectKube, KubeError } from "./kube-client.ts";

interface Named {
  readonly metadata: { readonly name: string };
}

test("a client says what the server said, and follows changes over lost and expired watches", async () => {
  await using plane = await startControlPlane({ schedulerAndControllers: false });
  await using proxy = await startFaultProxy(plane);
  const direct = connectKube({ ...plane, token: plane.adminToken });
  const client = connectKube({ ...plane, server: proxy.url, token: plane.adminToken });
  const path = "/api/v1/namespaces/default/configmaps";
  const refused = await client.request("GET", `${path}/none`).catch((thrown: unknown) => thrown);
  expect(refused).toBeInstanceOf(KubeError);
  expect(refused).toMatchObject({ status: 404, message: 'configmaps "none" not found' });

  const seen: string[] = [];
  const stop = new AbortController();
  const note = ({ type, object }: { readonly type: string; readonly object: Named }): unknown =>
    seen.push(`${type} ${object.metadata.name}`);
  const following = client.follow<Named>(path, note, stop.signal);
  const watches = (): number => proxy.requests.filter(({ isWatch }) => isWatch).length;
  const disturb = { 2: () => proxy.dropConnections(), 3: () => proxy.expireWatches() } as const;
  for (const n of [1, 2, 3] as const) {
    if (n > 1) {
      const before = watches();
      disturb[n as keyof typeof disturb]();
      await eventually(() => watches() > before, { what: "the watch to start again" });
    }
    await direct.request("POST", path, { metadata: { name: `n-${n}` } });
    await eventually(() => seen.includes(`ADDED n-${n}`), { what: `n-${n} to be seen` });
  }
  await direct.request("DELETE", `${path}/n-1`);
  await eventually(() => seen.includes("DELETED n-1"), { what: "the deletion to be seen" });
  stop.abort();
  await following;
  await Promise.all([client.close(), direct.close()]);
});

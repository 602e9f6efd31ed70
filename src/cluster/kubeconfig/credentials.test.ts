import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import { kept, logIn } from "./credentials.ts";
import type { Credential } from "./exec-plugin.ts";

/** A login whose answers the test gives, and the signals of its runs. */
function login() {
  const runs: { readonly signal: AbortSignal; readonly give: (credential: Credential) => void }[] = [];
  const credentials = kept((signal) => {
    const { promise, resolve } = Promise.withResolvers<Credential>();
    runs.push({ signal, give: resolve });
    return promise;
  });
  return { runs, credentials };
}

test("one run serves all who wait; who gives up ends only their own wait", async () => {
  const { runs, credentials } = login();
  const given = new AbortController();
  const [first, second] = [credentials(false, given.signal), credentials(false, new AbortController().signal)];
  const reason = new Error("given up");
  given.abort(reason);
  await expect(first).rejects.toBe(reason);
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([false]);
  runs[0]?.give({ token: "t" });
  expect(await second).toEqual({ token: "t" });
  expect(await credentials(false)).toEqual({ token: "t" });
  expect(runs.length).toBe(1);
});

test("a run that nobody waits for is ended, and the next request starts another", async () => {
  const { runs, credentials } = login();
  const given = new AbortController();
  const waiting = credentials(false, given.signal);
  given.abort(new Error("given up"));
  await expect(waiting).rejects.toThrow("given up");
  expect(runs[0]?.signal.aborted).toBe(true);
  const next = credentials(false);
  runs[1]?.give({ token: "t2" });
  expect(await next).toEqual({ token: "t2" });
});

test.each<readonly [string, Date | undefined, boolean, number]>([
  ["is kept without an end", undefined, false, 1],
  ["is kept until it expires", new Date(Date.now() + 3_600_000), false, 1],
  ["is renewed when it has expired", new Date(Date.now() - 1), false, 2],
  ["is renewed when it was refused", undefined, true, 2],
])("a credential %s", async (_, expires, fresh, runs) => {
  let count = 0;
  const credentials = kept(async () => {
    count++;
    return { token: "t", ...(expires === undefined ? {} : { expires }) };
  });
  await credentials(false);
  await credentials(fresh);
  expect(count).toBe(runs);
});

test.each(["oidc", "exec"] as const)("a wait for a login that hangs ends with its signal (%s)", async (type) => {
  const server = createServer(() => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const given = new AbortController();
  const apiVersion = "client.authentication.k8s.io/v1";
  const asked = {
    oidc: async () => {
      const provider = { refreshToken: "r", clientId: "c", issuer };
      const credentials = await logIn({ type: "oidc", provider }, given.signal);
      return credentials(false, given.signal);
    },
    exec: () => logIn({ type: "exec", plugin: { apiVersion, command: "sleep", args: ["600"], env: {} } }, given.signal),
  }[type]();
  const reason = new Failure("Interrupted", { message: "given up" });
  setTimeout(() => given.abort(reason), 50);
  await expect(asked).rejects.toBe(reason);
  server.closeAllConnections();
  server.close();
});

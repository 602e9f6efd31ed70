import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { statusOf } from "../../../test/cluster/fake-connection.ts";
import { Failure } from "../../model/failure.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import type { ConnectionFailure } from "../failures/unreachable.ts";
import { retried } from "./retry.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], fakeNodeBuiltins: true });
  vi.setTimerTickMode("nextTimerAsync");
});
afterEach(() => void vi.useRealTimers());

const { signal } = new AbortController();
const ok: ApiResponse = { status: 200, body: {} };
const broken = (retry: ConnectionFailure["retry"]): ConnectionFailure => ({
  failure: new Failure("ClusterUnreachable", { message: "the connection broke" }),
  retry,
});

/** Sends until there is an answer; answers with it and with how the attempts asked for credentials. */
async function send(outcomes: readonly (ApiResponse | ConnectionFailure)[], repeatable: boolean) {
  const attempts: boolean[] = [];
  const answer = await retried(
    async (fresh) => {
      attempts.push(fresh);
      return outcomes[attempts.length - 1] ?? ok;
    },
    repeatable,
    signal,
  );
  return { status: answer.status, attempts };
}

// "Status codes" in apiserver's `responsewriters`, and RFC 9110 for those of proxies.
describe("an answer", () => {
  test.each<readonly [string, ApiResponse, boolean, number]>([
    ["200", ok, true, 1],
    ["404", statusOf(404, "NotFound"), true, 1],
    ["409: somebody decides what comes of it", statusOf(409, "Conflict"), true, 1],
    ["429 turned the request away unseen", statusOf(429, "TooManyRequests"), false, 2],
    ["500 with a reason", statusOf(500, "InternalError"), true, 2],
    ["500 with a reason, to what may not be sent twice", statusOf(500, "InternalError"), false, 1],
    ["500 without a reason: the object does not fit its schema", { status: 500, body: { kind: "Status" } }, true, 1],
    ["500 of a proxy, which is no Status", { status: 500, body: undefined }, true, 2],
    ["502", { status: 502, body: undefined }, true, 2],
    ["503", statusOf(503, "ServiceUnavailable"), true, 2],
    ["503, to what may not be sent twice: it may have acted", statusOf(503, "ServiceUnavailable"), false, 1],
    ["504", statusOf(504, "Timeout"), true, 2],
    ["501", { status: 501, body: undefined }, true, 1],
  ])("%s", async (_, answer, repeatable, attempts) => {
    expect((await send([answer], repeatable)).attempts).toHaveLength(attempts);
  });

  test("is waited for as long as the server says, and no pause is shorter", async () => {
    const started = performance.now();
    await send([{ ...statusOf(429, "TooManyRequests"), retryAfterMs: 400 }], false);
    expect(performance.now() - started).toBe(400);
  });

  test("that stays the same is the answer after five attempts", async () => {
    const busy = statusOf(503, "ServiceUnavailable");
    expect(await send([busy, busy, busy, busy, busy, ok], true)).toMatchObject({
      status: 503,
      attempts: { length: 5 },
    });
  });
});

describe("a connection that fails", () => {
  test.each<readonly [ConnectionFailure["retry"], boolean, number]>([
    ["always", false, 2],
    ["ifRepeatable", true, 2],
    ["ifRepeatable", false, 1],
    ["never", true, 1],
  ])("%s, repeatable: %s", async (retry, repeatable, attempts) => {
    let made = 0;
    const sent = retried<ApiResponse>(
      async () => {
        made += 1;
        return made === 1 ? broken(retry) : ok;
      },
      repeatable,
      signal,
    );
    if (attempts === 1) await expect(sent).rejects.toMatchObject({ code: "ClusterUnreachable" });
    else expect((await sent).status).toBe(200);
    expect(made).toBe(attempts);
  });
});

describe("credentials that are refused", () => {
  const refused = statusOf(401, "Unauthorized");

  test("are renewed once, at once, for whatever request", async () => {
    expect(await send([refused], false)).toEqual({ status: 200, attempts: [false, true] });
  });

  test("and refused again are refused", async () => {
    expect(await send([refused, refused], true)).toEqual({ status: 401, attempts: [false, true] });
  });

  test("stay the new ones in later attempts", async () => {
    expect(await send([refused, { status: 503, body: {} }], true)).toEqual({
      status: 200,
      attempts: [false, true, true],
    });
  });
});

test("a pause ends with the signal, and nothing is sent after that", async () => {
  const controller = new AbortController();
  let made = 0;
  const sent = retried<ApiResponse>(
    async () => {
      made += 1;
      return { ...statusOf(429, "TooManyRequests"), retryAfterMs: 30_000 };
    },
    true,
    controller.signal,
  );
  await Promise.resolve();
  controller.abort(new Failure("Interrupted", { message: "a newer commit" }));
  await expect(sent).rejects.toMatchObject({ message: "a newer commit" });
  expect(made).toBe(1);
});

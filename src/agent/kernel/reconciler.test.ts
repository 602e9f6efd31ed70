import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import { type ReconcilerOptions, startReconciler } from "./reconciler.ts";

const denied = new Failure("Forbidden", { message: "no" });

/** What a reconciler does, in order; passes are numbered, and made until `passes` of them have ended. */
async function reconciled(
  how: Partial<ReconcilerOptions<number, string>>,
  passes = 1,
  between: (loop: ReturnType<typeof startReconciler>, pass: number) => void = (loop) => loop.wake(),
): Promise<readonly string[]> {
  const log: string[] = [];
  let [begun, ended] = [0, 0];
  const done = Promise.withResolvers<void>();
  const loop = startReconciler<number, string>({
    begin() {
      begun += 1;
      log.push(`begin ${begun}`);
      return begun;
    },
    async pass(pass) {
      log.push(`pass ${pass}`);
      return "ok";
    },
    recorder: {
      async outcome(pass, outcome) {
        log.push(`${pass}: ${outcome}`);
        return undefined;
      },
      async error(pass, { code }) {
        log.push(`${pass}: ${code}`);
        return undefined;
      },
    },
    recorded: async (pass) => void log.push(`recorded ${pass}`),
    release: (pass) => void log.push(`release ${pass}`),
    failed: ({ code }) => void log.push(`failed: ${code}`),
    ...how,
    measure(pass, end) {
      log.push(`measure ${pass}: ${end.type}`);
      how.measure?.(pass, end, 0);
      ended += 1;
      if (ended === passes) done.resolve();
      else between(loop, pass);
    },
  });
  await done.promise;
  await loop.close();
  return log;
}

test("an outcome is recorded, looked after, and what the pass held is given back last", async () => {
  expect(await reconciled({})).toEqual(["begin 1", "pass 1", "1: ok", "recorded 1", "release 1", "measure 1: outcome"]);
});

test("what the pass held is given back before its failure is recorded", async () => {
  const log = await reconciled({ pass: () => Promise.reject(denied) });
  expect(log).toEqual(["begin 1", "release 1", "failed: Forbidden", "1: Forbidden", "measure 1: failure"]);
});

test("an outcome that cannot be recorded is a failure of the pass", async () => {
  const log: string[] = [];
  await reconciled({
    recorder: {
      outcome: () => Promise.reject(new Failure("Conflict", { message: "again" })),
      async error(pass, { code }) {
        log.push(`${pass}: ${code}`);
        return undefined;
      },
    },
  });
  expect(log).toEqual(["1: Conflict"]);
});

test("so is what follows from the record", async () => {
  const log = await reconciled({ recorded: () => Promise.reject(denied) });
  expect(log).toEqual([
    ...["begin 1", "pass 1", "1: ok", "release 1", "failed: Forbidden", "1: Forbidden", "measure 1: failure"],
  ]);
});

test("what is thrown beside failures is a bug, and never ends the loop", async () => {
  const log = await reconciled({ pass: () => Promise.reject(new TypeError("no such member")) }, 2);
  expect(log.filter((line) => line.includes("Bug"))).toEqual(["failed: Bug", "1: Bug", "failed: Bug", "2: Bug"]);
});

test("what cannot be begun is recorded with the pass before", async () => {
  let begun = 0;
  const begin = () => {
    begun += 1;
    if (begun === 2) throw new Failure("SpecInvalid", { message: "no" });
    return begun;
  };
  const log = await reconciled({ begin }, 2);
  expect(log.slice(-3)).toEqual(["failed: SpecInvalid", "1: SpecInvalid", "measure 1: failure"]);
});

test("what could never be begun is only logged", async () => {
  const failed = Promise.withResolvers<string>();
  const recorded: string[] = [];
  const loop = startReconciler<number, string>({
    begin() {
      throw new Failure("SpecInvalid", { message: "no" });
    },
    pass: async () => "ok",
    recorder: {
      outcome: async () => undefined,
      async error(pass) {
        recorded.push(`${pass}`);
        return undefined;
      },
    },
    failed: ({ code }) => failed.resolve(code),
  });
  expect(await failed.promise).toBe("SpecInvalid");
  await loop.close();
  expect(recorded).toEqual([]);
});

test("a pass that is interrupted records nothing, whatever it throws", async () => {
  const waiting = Promise.withResolvers<void>();
  const log: string[] = [];
  const loop = startReconciler<number, string>({
    begin: () => 1,
    pass: (_pass, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(denied));
        waiting.resolve();
      }),
    recorder: {
      outcome: async () => undefined,
      async error() {
        log.push("recorded");
        return undefined;
      },
    },
    failed: () => void log.push("logged"),
    release: () => void log.push("released"),
    measure: (_pass, { type }) => void log.push(type),
  });
  await waiting.promise;
  await loop.close();
  expect(log).toEqual(["released", "interrupted"]);
});

test.each([
  ["an outcome", async () => "ok"],
  ["a failure", () => Promise.reject(denied)],
])("%s is requeued when the recorder says", async (_what, pass) => {
  const requeued = { outcome: async () => 1, error: async () => 1 };
  const log = await reconciled({ pass, recorder: requeued }, 3, () => undefined);
  expect(log.filter((line) => line.startsWith("begin"))).toHaveLength(3);
});

import { describe, expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { Decision, DecisionTime, Ended } from "./decision.ts";
import { createPassRecorder } from "./recorder.ts";
import type { AnyStatus, StatusChange } from "./status-writer.ts";

const never = new AbortController().signal;
const nothing: Decision = { status: undefined, event: undefined, requeueMs: undefined };
const gone = new Failure("ClusterUnreachable", { message: "gone" });

/** A recorder whose decider is given, and everything that it does, in order. */
function recorderOf(decide: (ended: Ended<string>, at: DecisionTime) => Decision) {
  const log: string[] = [];
  const at = { unwritable: undefined as Failure | undefined };
  const recorder = createPassRecorder<string, string, AnyStatus, string, NonNullable<Decision["event"]>>({
    decide: (ended, _pass, time) => decide(ended, time),
    subject: (pass) => `subject of ${pass}`,
    emit: (subject, { reason }) => void log.push(`event ${reason} on ${subject}`),
    status: {
      writerOf: (pass) => ({
        async conclude(change: StatusChange<AnyStatus>) {
          if (at.unwritable !== undefined) throw at.unwritable;
          log.push(`status of ${pass}: ${JSON.stringify(change.fields ?? {})}`);
        },
      }),
      unwritten: (pass, { code }) => void log.push(`unwritten ${pass}: ${code}`),
    },
  });
  return { recorder, log, at };
}

const event = { type: "Normal", reason: "Done", message: "m" } as const;
const fields = { observedGeneration: 1 };

describe("an outcome", () => {
  test("is written first, then recorded as an event; the answer says when the next pass is due", async () => {
    const { recorder, log } = recorderOf(() => ({ status: { fields }, event, requeueMs: 70 }));
    expect(await recorder.outcome("p", "ok", never)).toBe(70);
    expect(log).toEqual(['status of p: {"observedGeneration":1}', "event Done on subject of p"]);
  });

  test("without a status writes nothing", async () => {
    const { recorder, log } = recorderOf(() => nothing);
    expect(await recorder.outcome("p", "ok", never)).toBeUndefined();
    expect(log).toEqual([]);
  });

  test("that cannot be written fails the pass, and its event waits until it can", async () => {
    const { recorder, log, at } = recorderOf(() => ({ ...nothing, status: { fields }, event }));
    at.unwritable = gone;
    await expect(recorder.outcome("p", "ok", never)).rejects.toBe(gone);
    expect(log).toEqual([]);
    at.unwritable = undefined;
    await recorder.outcome("p", "ok", never);
    expect(log.at(-1)).toBe("event Done on subject of p");
  });

  test("of which each time counts is an event although it cannot be written", async () => {
    const merged = { ...event, reason: "Merged", recurring: true };
    const { recorder, log, at } = recorderOf(() => ({ ...nothing, status: { fields }, event: merged }));
    at.unwritable = gone;
    await expect(recorder.outcome("p", "ok", never)).rejects.toBe(gone);
    expect(log).toEqual(["event Merged on subject of p"]);
  });
});

describe("a failure", () => {
  test("that cannot be written is logged, and the pass is requeued all the same", async () => {
    const { recorder, log, at } = recorderOf(() => ({ status: { fields }, event, requeueMs: 5 }));
    at.unwritable = gone;
    expect(await recorder.error("p", new Failure("Bug", { message: "x" }), never)).toBe(5);
    expect(log).toEqual(["unwritten p: ClusterUnreachable"]);
  });

  test("of a pass that is over is not logged", async () => {
    const { recorder, log, at } = recorderOf(() => ({ ...nothing, status: {} }));
    at.unwritable = gone;
    await recorder.error("p", gone, AbortSignal.abort());
    expect(log).toEqual([]);
  });
});

test("tries are counted over failures and retries, and from one again after anything else", async () => {
  const seen: number[] = [];
  const { recorder } = recorderOf((ended, { tries }) => {
    seen.push(tries);
    return { ...nothing, retries: ended.type === "outcome" && ended.outcome === "soon" };
  });
  const steps = ["fail", "fail", "soon", "ok", "ok", "fail", "ok", "soon", "soon"];
  for (const step of steps) {
    if (step === "fail") await recorder.error("p", gone, never);
    else await recorder.outcome("p", step, never);
  }
  expect(seen).toEqual([1, 2, 3, 4, 1, 1, 2, 1, 2]);
});

test("what was settled is recorded again when it comes back", async () => {
  const { recorder, log } = recorderOf((ended) =>
    ended.type === "failure" ? { ...nothing, event } : { ...nothing, settled: true },
  );
  await recorder.error("p", gone, never);
  await recorder.error("p", gone, never);
  await recorder.outcome("p", "ok", never);
  await recorder.error("p", gone, never);
  expect(log).toEqual(["event Done on subject of p", "event Done on subject of p"]);
});

test("an event in the middle of a pass is compared with what came of the pass before", async () => {
  const { recorder, log } = recorderOf(() => ({ ...nothing, event }));
  await recorder.outcome("p", "ok", never);
  recorder.record("s", event);
  recorder.record("s", { ...event, message: "other" });
  expect(log).toEqual(["event Done on subject of p", "event Done on s"]);
});

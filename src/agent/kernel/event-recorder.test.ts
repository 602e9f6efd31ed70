import { expect, test } from "vitest";
import type { NotableEvent } from "./decision.ts";
import { createEventRecorder } from "./event-recorder.ts";

const failed = (message: string): NotableEvent => ({ type: "Warning", reason: "ApplyFailed", message });
const done: NotableEvent = { type: "Normal", reason: "Succeeded", message: "applied" };
const corrected: NotableEvent = { type: "Normal", reason: "DriftCorrected", message: "web", recurring: true };
const ignored: NotableEvent = { type: "Warning", reason: "FieldsIgnored", message: "spec.x", standalone: true };

/** What is emitted of events recorded one after the other; `settle` stands between them. */
function emitted(events: readonly (NotableEvent | "settle")[]): readonly string[] {
  const recorder = createEventRecorder();
  const seen: string[] = [];
  for (const event of events) {
    if (event === "settle") recorder.settle();
    else recorder.record(event, ({ reason, message }) => void seen.push(`${reason}: ${message}`));
  }
  return seen;
}

test.each<readonly [string, readonly (NotableEvent | "settle")[], readonly string[]]>([
  ["the same event in a row: once", [failed("no"), failed("no")], ["ApplyFailed: no"]],
  ["the same reason in other words: again", [failed("a"), failed("b")], ["ApplyFailed: a", "ApplyFailed: b"]],
  [
    "after another event: again",
    [failed("no"), done, failed("no")],
    ["ApplyFailed: no", "Succeeded: applied", "ApplyFailed: no"],
  ],
  ["a recurring one: each time", [corrected, corrected], ["DriftCorrected: web", "DriftCorrected: web"]],
  ["after it was settled: again", [failed("no"), "settle", failed("no")], ["ApplyFailed: no", "ApplyFailed: no"]],
  [
    "a standalone one is compared with its own reason only",
    [ignored, failed("no"), ignored, failed("no")],
    ["FieldsIgnored: spec.x", "ApplyFailed: no"],
  ],
  [
    "a standalone one is not settled with the rest",
    [ignored, failed("no"), "settle", ignored],
    ["FieldsIgnored: spec.x", "ApplyFailed: no"],
  ],
])("%s", (_what, events, expected) => {
  expect(emitted(events)).toEqual(expected);
});

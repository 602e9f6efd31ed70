import { expect, test } from "vitest";
import { goProgress } from "./go.ts";
import { createProgress, describeSpan, describeStep, type Step } from "./progress.ts";

const building = { what: "Building etcd", unit: "packages" };

test.each<[Step, number, string]>([
  [{ ...building, done: 3 }, 4_000, "Building etcd: 3 packages, 4s"],
  [{ ...building, done: 3, total: 400 }, 4_000, "Building etcd: 3 of 400 packages, 4s"],
  [{ ...building, done: 100, total: 400 }, 61_000, "Building etcd: 100 of 400 packages, 1m01s, about 3m03s left"],
  [{ ...building, done: 400, total: 400 }, 61_000, "Building etcd: 400 of 400 packages, 1m01s"],
])("%o after %i ms", (step, elapsed, text) => {
  expect(describeStep(step, elapsed)).toBe(text);
});

test.each([
  [0, "0s"],
  [59_400, "59s"],
  [59_600, "1m00s"],
  [725_000, "12m05s"],
])("%i ms are %s", (ms, text) => {
  expect(describeSpan(ms)).toBe(text);
});

function show(isTTY: boolean): string {
  let written = "";
  let now = 0;
  const write = (text: string): unknown => {
    written += text;
    return true;
  };
  const progress = createProgress({ isTTY, write }, () => now);
  for (let done = 1; done <= 3; done += 1) {
    progress.update({ ...building, done });
    now += 6_000;
  }
  progress.finish("Built etcd");
  return written;
}

test("elsewhere than on a terminal there is a plain line, and not for every step", () => {
  expect(show(false)).toBe("Building etcd: 1 packages, 0s\nBuilding etcd: 3 packages, 12s\nBuilt etcd (18s)\n");
});

test("on a terminal one line is drawn again and again", () => {
  const redrawn = ["Building etcd: 1 packages, 0s", "Building etcd: 2 packages, 6s", "Building etcd: 3 packages, 12s"];
  expect(show(true)).toBe(
    [...redrawn, "Built etcd (18s)"]
      .map((line) => `\r\u001b[K${line}`)
      .join("")
      .concat("\n"),
  );
});

test("Go's words become progress, and its warnings do not", () => {
  const steps: string[] = [];
  const progress = { update: (step: Step) => steps.push(describeStep(step, 0)), finish: () => undefined };
  const onLine = goProgress("etcd", progress, 2);
  const lines = [
    "go: downloading go.uber.org/zap v1.27.1",
    "internal/goarch",
    "# go.uber.org/zap",
    "zap.go:12:1: unused",
    "go.uber.org/zap",
  ];
  for (const line of lines) onLine(line);
  expect(steps).toEqual([
    "Fetching what etcd is made of: 1 modules, 0s",
    "Building etcd: 1 of 2 packages, 0s, about 0s left",
    "Building etcd: 2 of 2 packages, 0s",
  ]);
});

/** Which logs are read for a failure, and that it never fails for want of one. */
import { describe, expect, test } from "vitest";
import { never } from "../../../test/rollout/objects.ts";
import type { LogOptions } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { Cause } from "../../model/verdict.ts";
import { lineMask } from "../../plan/index.ts";
import { type LogSource, readLastLines } from "./last-lines.ts";

const object = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };
const causeOf = (reason: string, more: Partial<Cause> = {}): Cause => ({
  ...{ object, reason, message: "", pod: "web-1", container: "app" },
  ...more,
});

/** Logs of containers by pod, or how they cannot be read. */
function logsOf(read: (pod: string, options: LogOptions) => Promise<string>) {
  const asked: string[] = [];
  const source: LogSource = {
    podLogs({ namespace, name }, options) {
      asked.push(`${namespace}/${name}/${options.container}${options.previous ? " before" : ""}`);
      return read(name, options);
    },
  };
  return { source, asked };
}

const linesOf = async (source: LogSource, ...causes: readonly Cause[]) => [
  ...(await readLastLines(source, causes, lineMask([]), never)).values(),
];

test.each([
  ["CrashLoopBackOff", "shop/web-1/app before"],
  ["OOMKilled", "shop/web-1/app before"],
  ["Error", "shop/web-1/app before"],
  ["Unhealthy", "shop/web-1/app"],
  ["NotReady", "shop/web-1/app"],
])("for %s the log of the run that shows it is read: %s", async (reason, expected) => {
  const { source, asked } = logsOf(async () => "no way\n");
  expect(await linesOf(source, causeOf(reason))).toEqual([["no way"]]);
  expect(asked).toEqual([expected]);
});

test("of three containers at most, and of no cause without one", async () => {
  const { source, asked } = logsOf(async (pod) => `${pod}\n`);
  const causes = ["a", "b", "c", "d"].map((pod) => causeOf("NotReady", { pod }));
  const { pod: _pod, ...withoutPod } = causeOf("Unschedulable");
  expect(await linesOf(source, withoutPod, ...causes)).toEqual([["a"], ["b"], ["c"]]);
  expect(asked).toHaveLength(3);
});

test("eleven lines are requested, since the first may be a part of one", async () => {
  const { source } = logsOf(async (_pod, { tailLines }) => `${tailLines}\n`);
  expect(await linesOf(source, causeOf("NotReady"))).toEqual([["11"]]);
});

test("of a container whose earlier run is not kept the present one is read", async () => {
  const { source, asked } = logsOf(async (_pod, { previous }) => {
    if (previous) throw new Failure("NotFound", { message: "previous terminated container not found" });
    return "starting\n";
  });
  expect(await linesOf(source, causeOf("Error"))).toEqual([["starting"]]);
  expect(asked).toEqual(["shop/web-1/app before", "shop/web-1/app"]);
});

describe("there is none", () => {
  test.each<readonly [what: string, thrown: Error]>([
    ["where it may not be read", new Failure("Forbidden", { message: "no" })],
    ["where the kubelet does not answer", new Failure("ClusterUnreachable", { message: "no" })],
    ["where time is up", new DOMException("timeout", "TimeoutError")],
  ])("%s", async (_what, thrown) => {
    const { source } = logsOf(() => Promise.reject(thrown));
    expect(await linesOf(source, causeOf("Unhealthy"), causeOf("Error"))).toEqual([]);
  });

  test("where it is empty, or every line would have to be left out", async () => {
    expect(await linesOf(logsOf(async () => "").source, causeOf("NotReady"))).toEqual([]);
    expect(await linesOf(logsOf(async () => `${"x".repeat(9_000)}\n`).source, causeOf("NotReady"))).toEqual([]);
  });
});

test("a bug is not taken for that", async () => {
  const { source } = logsOf(() => Promise.reject(new TypeError("a bug")));
  await expect(linesOf(source, causeOf("NotReady"))).rejects.toThrow(TypeError);
});

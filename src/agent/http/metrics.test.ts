import { expect, test, vi } from "vitest";
import type { Log } from "../log.ts";
import { createMetrics } from "./metrics.ts";

test("a metric that cannot be collected is logged and counted, and the others are served", async () => {
  const log = { warn: vi.fn(), error: vi.fn() };
  const metrics = createMetrics(
    {
      environments: () => {
        throw new TypeError("no such member");
      },
      promotions: () => [{ metadata: { name: "to-production", namespace: "shop" }, status: {} }],
      requests: () => {
        const none = { get: 0, list: 0, watch: 0, apply: 0, dryRun: 0, patch: 0, create: 0, update: 0, delete: 0 };
        return { ...none, get: 3, logs: 0, discovery: 0 };
      },
      fetchedAt: () => undefined,
      open: () => ({}),
    },
    log as unknown as Log,
  );
  await metrics.text();
  const text = await metrics.text();
  expect(text).toContain('mooring_api_requests{kind="get"} 3');
  expect(text).toContain('mooring_promotion_ready{namespace="shop",name="to-production"} 0');
  expect(text).toMatch(/mooring_metrics_errors_total\{metric="mooring_environment_ready"\} [12]\n/);
  expect(log.warn).toHaveBeenCalledWith(
    expect.objectContaining({ metric: "mooring_environment_ready", code: "Bug" }),
    "a metric could not be collected",
  );
  expect(log.error).toHaveBeenCalledWith(
    expect.objectContaining({ stack: expect.arrayContaining([expect.stringContaining("metrics.test.ts")]) }),
    "this is a bug in mooring",
  );
});

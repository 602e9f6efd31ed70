import type { Registry } from "prom-client";
import { conditionOf } from "../../api/conditions.ts";
import type { Promotion } from "../../api/promotion/promotion.ts";
import { type Collect, passCounter, resourceGauges } from "../http/resource-metrics.ts";
import type { ShownPromotion } from "./promotions.ts";

/** The metrics of Promotions. */
export interface PromotionMetrics {
  /** A pass ended: with what was done, or a failure's code. */
  readonly pass: (promotion: Promotion, done: string) => void;
  /** A Promotion is gone, and what was counted of it with it. */
  readonly gone: (gone: { readonly namespace: string; readonly name: string }) => void;
}

/** Adds them to the agent's. */
export function addPromotionMetrics(
  registry: Registry,
  promotions: () => readonly ShownPromotion[],
  collect: Collect,
): PromotionMetrics {
  const passes = passCounter(registry, {
    name: "mooring_promotion_looks_total",
    help: "Passes over Promotions, by what was done: opened, updated, closed, merged, none, or the code of a failure.",
    label: "done",
  });
  const gauge = resourceGauges(registry, promotions, collect);
  gauge("mooring_promotion_ready", "1 when the Promotion is ready.", ({ status }) =>
    conditionOf(status, "Ready")?.status === "True" ? 1 : 0,
  );
  gauge("mooring_promotion_open", "1 while the pull request is open.", ({ status }) =>
    status.pullRequest?.state === "open" ? 1 : 0,
  );
  return { pass: ({ metadata }, done) => passes.pass(metadata, done), gone: passes.gone };
}

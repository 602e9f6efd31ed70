import { Counter, Gauge, type Registry } from "prom-client";
import type { Promotion } from "../../api/promotion/promotion.ts";
import type { Collect } from "../http/collect.ts";
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
  const registers = [registry];
  const labelNames = ["namespace", "name"] as const;
  const passes = new Counter({
    name: "mooring_promotion_looks_total",
    help: "Passes over Promotions, by what was done: opened, updated, closed, merged, none, or the code of a failure.",
    labelNames: [...labelNames, "done"],
    registers,
  });
  const gauge = (name: string, help: string, value: (promotion: ShownPromotion) => boolean) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        collect(name, () => {
          for (const promotion of promotions()) {
            const { namespace, name: promotionName } = promotion.metadata;
            this.set({ namespace, name: promotionName }, value(promotion) ? 1 : 0);
          }
        });
      },
    });
  gauge("mooring_promotion_ready", "1 when the Promotion is ready.", ({ status }) =>
    (status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  gauge(
    "mooring_promotion_open",
    "1 while the pull request is open.",
    ({ status }) => status.pullRequest?.state === "open",
  );
  /** With what labels the passes over a Promotion were counted. */
  const kinds = new Map<string, Set<string>>();
  return {
    pass({ metadata: { namespace, name } }, done) {
      const key = `${namespace}/${name}`;
      kinds.set(key, (kinds.get(key) ?? new Set()).add(done));
      passes.inc({ namespace, name, done });
    },
    gone({ namespace, name }) {
      for (const done of kinds.get(`${namespace}/${name}`) ?? []) passes.remove({ namespace, name, done });
      kinds.delete(`${namespace}/${name}`);
    },
  };
}

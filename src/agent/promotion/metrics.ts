import { Counter, Gauge, type Registry } from "prom-client";
import type { Promotion } from "../../api/promotion.ts";

/** The metrics of Promotions. */
export interface PromotionMetrics {
  /** A look ended: with what was done, or a failure's code. */
  readonly looked: (promotion: Promotion, done: string) => void;
}

/** Adds them to the agent's. */
export function addPromotionMetrics(registry: Registry, promotions: () => readonly Promotion[]): PromotionMetrics {
  const registers = [registry];
  const labelNames = ["namespace", "name"] as const;
  const looks = new Counter({
    name: "mooring_promotion_looks_total",
    help: "Looks at Promotions, by what was done: opened, updated, closed, merged, none, or the code of a failure.",
    labelNames: [...labelNames, "done"],
    registers,
  });
  const gauge = (name: string, help: string, value: (promotion: Promotion) => boolean) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const promotion of promotions()) {
          const { namespace, name: promotionName } = promotion.metadata;
          this.set({ namespace, name: promotionName }, value(promotion) ? 1 : 0);
        }
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
  return { looked: ({ metadata: { namespace, name } }, done) => looks.inc({ namespace, name, done }) };
}

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Environment } from "../api/environment.ts";
import type { Promotion } from "../api/promotion.ts";
import type { RequestCounts } from "../cluster/index.ts";
import { addPromotionMetrics, type PromotionMetrics } from "./promotion/metrics.ts";
import { conditionOf } from "./status.ts";

/** The agent's metrics, in Prometheus' text format. Labels name environments and outcomes, never values. */
export interface Metrics {
  readonly promotions: PromotionMetrics;
  /** A pass ended. */
  pass(environment: Environment, ended: { readonly outcome: string; readonly ms: number }): void;
  /** Something threw where nobody waited for it. */
  bug(): void;
  text(): Promise<string>;
}

/** Metrics over what is asked for at scrape time: the environments and promotions, and the requests sent so far. */
export function createMetrics(
  environments: () => readonly Environment[],
  promotions: () => readonly Promotion[],
  requests: () => RequestCounts,
  fetchedAt: (environment: Environment) => Date | undefined,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const passes = new Counter({
    name: "mooring_passes_total",
    help: "Passes over Environments, by how they ended.",
    labelNames: ["namespace", "name", "outcome"],
    registers,
  });
  const duration = new Histogram({
    name: "mooring_pass_duration_seconds",
    help: "How long passes took, waits for health included.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
    registers,
  });
  const bugs = new Counter({
    name: "mooring_bugs_total",
    help: "Internal errors that no pass waited for: each is a bug in mooring, and in the log.",
    registers,
  });
  const labelNames = ["namespace", "name"] as const;
  const gauge = (name: string, help: string, value: (environment: Environment) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const environment of environments()) {
          const { namespace, name: environmentName } = environment.metadata;
          const current = value(environment);
          if (current !== undefined) this.set({ namespace, name: environmentName }, current);
        }
      },
    });
  const isTrue = (type: "Ready" | "Healthy" | "Held" | "SourceReady") => (environment: Environment) =>
    conditionOf(environment.status, type)?.status === "True" ? 1 : 0;
  gauge("mooring_environment_ready", "1 when the Environment is ready.", isTrue("Ready"));
  gauge("mooring_environment_healthy", "1 when everything the Environment owns is healthy.", isTrue("Healthy"));
  gauge("mooring_environment_held", "1 while the brake on deletions holds a plan.", isTrue("Held"));
  gauge("mooring_environment_suspended", "1 while the Environment is suspended.", ({ spec }) => (spec.suspend ? 1 : 0));
  gauge("mooring_source_ready", "1 when what the Environment follows can be fetched.", isTrue("SourceReady"));
  gauge(
    "mooring_source_last_fetch_timestamp_seconds",
    "When the repository of the Environment was last asked with success, by the agent that leads.",
    (environment) => seconds(fetchedAt(environment)),
  );
  gauge(
    "mooring_drifted_fields",
    "Fields that differ from the repository and are not corrected.",
    ({ status }) => status.drift?.length ?? 0,
  );
  gauge(
    "mooring_inventory_objects",
    "Objects the Environment owns.",
    ({ status }) => status.inventory?.entries.length ?? 0,
  );
  new Gauge({
    name: "mooring_api_requests",
    help: "Requests sent to the API server since the start, by kind.",
    labelNames: ["kind"],
    registers,
    collect() {
      for (const [kind, count] of Object.entries(requests())) this.set({ kind }, count);
    },
  });
  return {
    promotions: addPromotionMetrics(registry, promotions),
    pass({ metadata }, { outcome, ms }) {
      passes.inc({ namespace: metadata.namespace, name: metadata.name, outcome });
      duration.observe(ms / 1000);
    },
    bug: () => bugs.inc(),
    text: () => registry.metrics(),
  };
}

const seconds = (date: Date | undefined): number | undefined =>
  date === undefined ? undefined : date.getTime() / 1000;

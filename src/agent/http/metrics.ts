import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { conditionOf } from "../../api/conditions.ts";
import type { Environment } from "../../api/environment/environment.ts";
import type { RequestCounts } from "../../cluster/index.ts";
import { logThrown } from "../bugs.ts";
import type { ShownEnvironment } from "../environment/environments.ts";
import type { Gone } from "../kernel/controller.ts";
import type { Log } from "../log.ts";
import { addPromotionMetrics, type PromotionMetrics } from "../promotion/metrics.ts";
import type { ShownPromotion } from "../promotion/promotions.ts";
import { type Collect, passCounter, resourceGauges } from "./resource-metrics.ts";

/** The agent's metrics, in Prometheus' text format. Labels name environments and outcomes, never values. */
export interface Metrics {
  readonly promotions: PromotionMetrics;
  /** A pass ended. */
  pass(environment: Environment, ended: { readonly outcome: string; readonly ms: number }): void;
  /** An Environment is gone, and what was counted of it with it. */
  gone(gone: Pick<Gone, "namespace" | "name">): void;
  /** Something threw where nobody waited for it. */
  bug(): void;
  /** An Environment is let go although its deletion policy could not be carried out in time. */
  abandoned(environment: Environment): void;
  text(): Promise<string>;
}

/** What is read at scrape time. */
export interface Measured {
  readonly environments: () => readonly ShownEnvironment[];
  readonly promotions: () => readonly ShownPromotion[];
  /** Requests sent so far. */
  readonly requests: () => RequestCounts;
  readonly fetchedAt: (environment: ShownEnvironment) => Date | undefined;
  /** What is kept open now, by what it is. */
  readonly open: () => Readonly<Record<string, number>>;
}

/** Metrics of what is read at scrape time, and of what is counted. */
export function createMetrics({ environments, promotions, requests, fetchedAt, open }: Measured, log: Log): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const passes = passCounter(registry, {
    name: "mooring_passes_total",
    help: "Passes over Environments, by how they ended.",
    label: "outcome",
  });
  const duration = new Histogram({
    name: "mooring_pass_duration_seconds",
    help: "How long passes took, waits for health included.",
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
    registers,
  });
  const bugs = new Counter({
    name: "mooring_bugs_total",
    help: "Internal errors outside of any pass: each is a bug in mooring, and in the log.",
    registers,
  });
  const broken = new Counter({
    name: "mooring_metrics_errors_total",
    help: "Metrics that could not be collected, which is a bug; the log says more.",
    labelNames: ["metric"],
    registers,
  });
  const collect: Collect = (metric, work) => {
    try {
      work();
    } catch (thrown) {
      broken.inc({ metric });
      logThrown(log, "a metric could not be collected", thrown, { metric });
    }
  };
  const gauge = resourceGauges(registry, environments, collect);
  const isTrue = (type: "Ready" | "Healthy" | "Held" | "SourceReady") => (environment: ShownEnvironment) =>
    conditionOf(environment.status, type)?.status === "True" ? 1 : 0;
  gauge("mooring_environment_ready", "1 when the Environment is ready.", isTrue("Ready"));
  gauge(
    "mooring_environment_healthy",
    "1 when everything the Environment owns is healthy; 0 also while a revision is rolled out.",
    isTrue("Healthy"),
  );
  gauge("mooring_environment_held", "1 while the deletion guard holds a plan.", isTrue("Held"));
  gauge("mooring_environment_suspended", "1 while the Environment is suspended.", ({ suspended }) =>
    suspended ? 1 : 0,
  );
  gauge("mooring_source_ready", "1 when the source of the Environment can be fetched.", isTrue("SourceReady"));
  gauge(
    "mooring_source_last_fetch_timestamp_seconds",
    "When the repository of the Environment was last fetched successfully, by the leader.",
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
      collect("mooring_api_requests", () => {
        for (const [kind, count] of Object.entries(requests())) this.set({ kind }, count);
      });
    },
  });
  new Gauge({
    name: "mooring_open",
    help: "What the agent keeps open now, by what it is: watches, connections to clusters, repositories, polls, followers of forges.",
    labelNames: ["what"],
    registers,
    collect() {
      for (const [what, count] of Object.entries(open())) this.set({ what }, count);
    },
  });
  new Gauge({
    name: "mooring_process_resources",
    help: "What keeps the process busy, by Node's names: Timeout, TCPSocketWrap, and others.",
    labelNames: ["type"],
    registers,
    collect() {
      this.reset();
      for (const type of process.getActiveResourcesInfo()) this.inc({ type });
    },
  });
  new Gauge({
    name: "mooring_heap_used_bytes",
    help: "Heap memory in use, including garbage that is not collected yet.",
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  const abandoned = new Counter({
    name: "mooring_deletions_abandoned_total",
    help: "Environments whose finalizer was removed at their timeout although objects were left in the cluster.",
    labelNames: ["namespace", "name"],
    registers,
  });
  return {
    abandoned: ({ metadata: { namespace, name } }) => abandoned.inc({ namespace, name }),
    promotions: addPromotionMetrics(registry, promotions, collect),
    pass({ metadata }, { outcome, ms }) {
      passes.pass(metadata, outcome);
      duration.observe(ms / 1000);
    },
    gone: passes.gone,
    bug: () => bugs.inc(),
    text: () => registry.metrics(),
  };
}

const seconds = (date: Date | undefined): number | undefined =>
  date === undefined ? undefined : date.getTime() / 1000;

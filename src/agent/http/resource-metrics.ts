import { Counter, Gauge, type Registry } from "prom-client";

/** Collects a metric; one that cannot be collected is logged and counted, and all other metrics are served. */
export type Collect = (metric: string, work: () => void) => void;

/** A resource, by which its metrics are labelled. */
interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Adds a gauge with one value for each resource. */
export type AddGauge<Shown> = (name: string, help: string, value: (shown: Shown) => number | undefined) => void;

/** Makes gauges of the resources of a kind, read at scrape time; a resource without a value is left out. */
export function resourceGauges<Shown extends { readonly metadata: Named }>(
  registry: Registry,
  resources: () => readonly Shown[],
  collect: Collect,
): AddGauge<Shown> {
  return (name, help, value) =>
    new Gauge({
      name,
      help,
      labelNames: ["namespace", "name"],
      registers: [registry],
      collect() {
        this.reset();
        collect(name, () => {
          for (const shown of resources()) {
            const current = value(shown);
            if (current !== undefined)
              this.set({ namespace: shown.metadata.namespace, name: shown.metadata.name }, current);
          }
        });
      },
    });
}

/** Counts the passes over the resources of a kind by how they ended. */
export interface PassCounter {
  pass(resource: Named, ended: string): void;
  /** The resource is gone, and what was counted of it with it. */
  gone(resource: Named): void;
}

/** Adds a counter of passes; `label` is the name of the label that says how they ended. */
export function passCounter(
  registry: Registry,
  { label, ...named }: { readonly name: string; readonly help: string; readonly label: string },
): PassCounter {
  const passes = new Counter<string>({ ...named, labelNames: ["namespace", "name", label], registers: [registry] });
  /** How the passes over each resource ended so far. */
  const counted = new Map<string, Set<string>>();
  return {
    pass({ namespace, name }, ended) {
      const key = `${namespace}/${name}`;
      counted.set(key, (counted.get(key) ?? new Set()).add(ended));
      passes.inc({ namespace, name, [label]: ended });
    },
    gone({ namespace, name }) {
      const key = `${namespace}/${name}`;
      for (const ended of counted.get(key) ?? []) passes.remove({ namespace, name, [label]: ended });
      counted.delete(key);
    },
  };
}

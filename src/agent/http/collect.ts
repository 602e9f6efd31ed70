/** Collects a metric; one that cannot be collected is logged and counted, and all other metrics are served. */
export type Collect = (metric: string, work: () => void) => void;

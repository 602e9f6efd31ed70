/** Collects a metric; one that cannot be collected is logged and counted, and the others are served all the same. */
export type Collect = (metric: string, work: () => void) => void;

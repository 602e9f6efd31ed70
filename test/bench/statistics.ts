/** The nearest-rank percentile of some measurements; NaN where there are none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** `1.23 s`. */
export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

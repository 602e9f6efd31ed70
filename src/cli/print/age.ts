const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

interface Scale {
  readonly below: number;
  readonly unit: readonly [length: number, letter: string];
  /** The next finer unit, shown where it is not zero. */
  readonly finer?: readonly [length: number, letter: string];
}

const scales: readonly Scale[] = [
  { below: 2 * minute, unit: [second, "s"] },
  { below: 10 * minute, unit: [minute, "m"], finer: [second, "s"] },
  { below: 3 * hour, unit: [minute, "m"] },
  { below: 8 * hour, unit: [hour, "h"], finer: [minute, "m"] },
  { below: 2 * day, unit: [hour, "h"] },
  { below: 8 * day, unit: [day, "d"], finer: [hour, "h"] },
  { below: 2 * year, unit: [day, "d"] },
  { below: 8 * year, unit: [year, "y"], finer: [day, "d"] },
  { below: Number.POSITIVE_INFINITY, unit: [year, "y"] },
];

/**
 * A span of milliseconds as kubectl's AGE column has it: `95s`, `4m10s`, `37m`, `5h12m`, `3d4h`, `200d`. A time up to
 * two seconds ahead counts as now, one further ahead is `<invalid>`: HumanDuration of k8s.io/apimachinery.
 */
export function formatAge(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return "<unknown>";
  if (milliseconds <= -2 * second) return "<invalid>";
  const span = Math.max(milliseconds, 0);
  const scale = scales.find(({ below }) => span < below);
  if (scale === undefined) return "<invalid>";
  const [length, letter] = scale.unit;
  const whole = `${Math.floor(span / length)}${letter}`;
  if (scale.finer === undefined) return whole;
  const rest = Math.floor((span % length) / scale.finer[0]);
  return rest === 0 ? whole : `${whole}${rest}${scale.finer[1]}`;
}

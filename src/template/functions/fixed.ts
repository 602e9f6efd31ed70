/**
 * `strconv.FormatFloat(value, 'f', precision, 64)`: the exact binary value, rounded to even where it lies in the middle.
 * `toFixed` rounds up there, and writes an exponent from 1e21 on.
 */
export function fixed(value: number, precision: number): string {
  const [significand, exponent] = binary(Math.abs(value));
  const scaled = significand * 10n ** BigInt(precision);
  const rounded = exponent >= 0 ? scaled << BigInt(exponent) : shiftedRight(scaled, BigInt(-exponent));
  const digits = rounded.toString().padStart(precision + 1, "0");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (precision === 0) return sign + digits;
  return `${sign}${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** A finite number as an integer times a power of two. */
function binary(value: number): readonly [significand: bigint, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  const power = Number(raw >> 52n);
  return power === 0 ? [fraction, -1074] : [fraction | (1n << 52n), power - 1075];
}

function shiftedRight(value: bigint, by: bigint): bigint {
  const floor = value >> by;
  const rest = value - (floor << by);
  const half = 1n << (by - 1n);
  const up = rest > half || (rest === half && (floor & 1n) === 1n);
  return up ? floor + 1n : floor;
}

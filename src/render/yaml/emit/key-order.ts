const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isAsciiLetter = (code: number): boolean => {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
};
const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;

const isLetterPoint = (point: number): boolean =>
  point < 0x80 ? isAsciiLetter(point) : letter.test(String.fromCodePoint(point));
const isDigitPoint = (point: number): boolean =>
  point < 0x80 ? isDigit(point) : digit.test(String.fromCodePoint(point));

/**
 * Compares two mapping keys in go-yaml v2's natural order: letters after everything else, runs of digits by their
 * value, shorter first. Negative where `a` comes first. Source: go.yaml.in/yaml/v2 sorter.go, `keyList.Less`.
 */
function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    if (left >= 0x80 || right >= 0x80) return compareRunes([...a].map(point), [...b].map(point));
    const leftLetter = isAsciiLetter(left);
    const rightLetter = isAsciiLetter(right);
    if (leftLetter && rightLetter) return left - right;
    if (leftLetter || rightLetter) return rightLetter ? -1 : 1;
    if (!isDigit(left) && !isDigit(right)) return left - right;
    return compareRunes([...a].map(point), [...b].map(point));
  }
  return a.length - b.length;
}

/** The keys of a mapping in the order in which they are written. */
export function sortedKeys(map: object): string[] {
  const keys = Object.keys(map);
  return isSorted(keys) ? keys : keys.sort(compareKeys);
}

function isSorted(keys: readonly string[]): boolean {
  let previous = keys[0];
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i];
    if (previous === undefined || key === undefined || compareKeys(previous, key) > 0) return false;
    previous = key;
  }
  return true;
}

const point = (character: string): number => character.codePointAt(0) ?? 0;

/** The same order over code points, complete: what `compareKeys` falls back to where digits or other scripts differ. */
function compareRunes(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a[i] ?? 0;
    const right = b[i] ?? 0;
    if (left === right) continue;
    const leftLetter = isLetterPoint(left);
    const rightLetter = isLetterPoint(right);
    if (leftLetter && rightLetter) return left - right;
    if (leftLetter || rightLetter) return rightLetter ? -1 : 1;
    return compareDigits(a, b, i) || left - right;
  }
  return a.length - b.length;
}

/** Compares the runs of digits that begin at `at`; a zero counts as part of a number only behind another digit. */
function compareDigits(a: readonly number[], b: readonly number[], at: number): number {
  const lead = a[at] === 0x30 || b[at] === 0x30 ? leadingDigit(a, at) : 0;
  const left = digitRun(a, at, lead);
  const right = digitRun(b, at, lead);
  if (left.value < right.value) return -1;
  if (left.value > right.value) return 1;
  return left.end - right.end;
}

function leadingDigit(points: readonly number[], at: number): number {
  for (let j = at - 1; j >= 0 && isDigitPoint(points[j] ?? 0); j--) {
    if (points[j] !== 0x30) return 1;
  }
  return 0;
}

/** The value of a run of digits, in the 64 bits that Go gives it (overflow wraps), and the index behind it. */
function digitRun(points: readonly number[], at: number, lead: number): { value: number | bigint; end: number } {
  let value: number | bigint = lead;
  let end = at;
  for (; end < points.length && isDigitPoint(points[end] ?? 0); end++) {
    const digit = (points[end] ?? 0) - 0x30;
    if (typeof value === "number" && value < 1e12) value = value * 10 + digit;
    else value = BigInt.asIntN(64, BigInt(value) * 10n + BigInt(digit));
  }
  return { value, end };
}

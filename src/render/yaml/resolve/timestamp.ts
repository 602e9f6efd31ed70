const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)| +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?)?$/;

const daysOfMonth: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * What becomes of a plain scalar that go-yaml takes for a point in time (a date that exists, alone or with a time of day,
 * in one of the four formats that it gives to Go's `time.Parse`): the text in which Go writes it to JSON, RFC 3339 with up
 * to nine digits of a second. Undefined for all other text. Source: go.yaml.in/yaml/v3 resolve.go `parseTimestamp`.
 */
export function resolveTimestamp(text: string): string | undefined {
  const match = text.charCodeAt(4) === 0x2d ? pattern.exec(text) : null;
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour, minute, second, fraction, zone] = match;
  const time = [hour ?? match[9] ?? "0", minute ?? match[10] ?? "0", second ?? match[11] ?? "0"];
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  if (Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) return undefined;
  if (Number(time[0]) > 23 || Number(time[1]) > 59 || Number(time[2]) > 59) return undefined;
  const offset = formatZone(zone ?? "Z");
  if (offset === undefined) return undefined;
  const nanoseconds = (fraction ?? match[12] ?? "").slice(0, 9).replace(/(?<!0)0+$/, "");
  const date = [year, twoDigits(month), twoDigits(day)].join("-");
  return `${date}T${time.map(twoDigits).join(":")}${nanoseconds === "" ? "" : `.${nanoseconds}`}${offset}`;
}

const twoDigits = (digits: string): string => digits.padStart(2, "0");

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (daysOfMonth[month - 1] ?? 0);
}

/** A zone as Go writes it: `Z` for none; 24 hours and 60 minutes are let through, as `time.Parse` does. */
function formatZone(zone: string): string | undefined {
  if (zone === "Z") return zone;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 24 || minutes > 60) return undefined;
  const total = hours * 60 + minutes;
  if (total === 0) return "Z";
  return `${zone.charAt(0)}${twoDigits(String(Math.floor(total / 60)))}:${twoDigits(String(total % 60))}`;
}

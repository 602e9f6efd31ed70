/** The options of a line of an allowed_signers file. */
export interface SignerOptions {
  /** `cert-authority`: the key signs certificates. */
  readonly authority: boolean;
  /** Patterns of what it may sign. */
  readonly namespaces: string | undefined;
  /** In milliseconds since 1970. */
  readonly validAfter: number | undefined;
  readonly validBefore: number | undefined;
}

const option = /^(?<name>namespaces|valid-after|valid-before)=/i;

/**
 * Reads the options of a line; a text where they are wrong, which says how. Source: sshsigopt_parse in sshsig.c and opt_dequote
 * in misc.c of openssh-portable.
 */
export function signerOptions(text: string): SignerOptions | string {
  const found = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    // Nothing between two commas is no option, and no mistake either.
    const read = rest.startsWith(",") ? undefined : readOption(rest);
    if (typeof read === "string") return read;
    if (read !== undefined) {
      if (found.has(read.name) && read.name !== authority) return `"${read.name}" is given twice`;
      found.set(read.name, read.value);
      rest = rest.slice(read.length);
    }
    if (rest !== "" && !rest.startsWith(",")) return unknownOption(rest);
    if (rest === ",") return "the options end with a comma";
    rest = rest.slice(1);
  }
  return withTimes(found);
}

const authority = "cert-authority";

interface Option {
  readonly name: string;
  readonly value: string;
  /** How much of the text it takes. */
  readonly length: number;
}

function readOption(text: string): Option | string {
  if (/^cert-authority(?=,|$)/i.test(text)) return { name: authority, value: "", length: authority.length };
  const name = option.exec(text)?.groups?.name?.toLowerCase();
  if (name === undefined) return unknownOption(text);
  const value = /^"((?:[^"\\]|\\.)*)"/.exec(text.slice(name.length + 1));
  if (value === null) return `the value of "${name}" is not in quotes`;
  const [quoted, inner = ""] = value;
  return { name, value: inner.replaceAll('\\"', '"'), length: name.length + 1 + quoted.length };
}

function unknownOption(rest: string): string {
  const word = /^[\w-]{1,40}/.exec(rest)?.[0];
  return word === undefined ? "the options are not understood" : `the option "${word}" is not known`;
}

function withTimes(found: ReadonlyMap<string, string>): SignerOptions | string {
  const times: (number | undefined)[] = [];
  for (const name of ["valid-after", "valid-before"]) {
    const value = found.get(name);
    const time = value === undefined ? undefined : absoluteTime(value);
    // OpenSSH takes the very beginning of 1970 for no time, and refuses it.
    if (value !== undefined && (time === undefined || time === 0)) {
      return `the value of "${name}" is not a valid time: it is written YYYYMMDD or YYYYMMDDHHMM[SS], with or without Z`;
    }
    times.push(time);
  }
  const [validAfter, validBefore] = times;
  if (validAfter !== undefined && validBefore !== undefined && validBefore <= validAfter) {
    return '"valid-before" is not later than "valid-after"';
  }
  return { authority: found.has(authority), namespaces: found.get("namespaces"), validAfter, validBefore };
}

/**
 * `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, with `Z` or `UTC` behind it. Without, OpenSSH takes the zone of the machine; the agent
 * has none, and takes UTC. A day that the month does not have is counted on, as there. Source: parse_absolute_time in
 * misc.c.
 */
function absoluteTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:Z|UTC)?$/i.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isTime = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 61;
  return isTime && year >= 1970 ? Date.UTC(year, month - 1, day, hour, minute, second) : undefined;
}

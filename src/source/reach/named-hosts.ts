import { isIP } from "node:net";
import { Failure } from "../../model/failure.ts";
import { canonicalHost } from "./address-kind.ts";

/** A host, or several, that the operator named. */
export interface NamedHost {
  /** `address`: this very address; `name`: this name; `below`: every name below it; `any`: every host there is. */
  readonly type: "address" | "name" | "below" | "any";
  /** Canonical; empty for `any`. */
  readonly host: string;
  /** Undefined: every port. */
  readonly port: number | undefined;
}

/**
 * Reads `HOST`, `HOST:PORT`, `*.HOST`, an address, `[IPv6]:PORT` or `*`. Throws `Failure` (UsageInvalid) for anything else,
 * a URL among it.
 */
export function readNamedHost(text: string): NamedHost {
  const bare = isIP(text) === 6 ? `[${text}]` : text;
  const { name = "", port } = /^(?<name>\[[^\]]*\]|[^:/@\s]+)(?::(?<port>\d{1,5}|\*))?$/.exec(bare)?.groups ?? {};
  const place = port === undefined || port === "*" ? undefined : Number(port);
  if (name === "*" && place === undefined) return { type: "any", host: "", port: undefined };
  const below = name.startsWith("*.");
  const host = canonicalHost(below ? name.slice(2) : name);
  const wrong = host === undefined || host === "" || host.includes("*") || (place !== undefined && !isPort(place));
  if (wrong || (below && isIP(host) !== 0)) throw notAHost(text);
  const type = below ? "below" : isIP(host) === 0 ? "name" : "address";
  return { type, host, port: place };
}

/** The most specific entry for a host, which is canonical: the address, the name, names below another, all. */
export function entryFor(named: readonly NamedHost[], host: string, port: number): NamedHost | undefined {
  const fitting = named.filter((entry) => (entry.port ?? port) === port && covers(entry, host));
  return fitting.toSorted((a, b) => weight(a) - weight(b))[0];
}

function covers({ type, host: named }: NamedHost, host: string): boolean {
  if (type === "any") return true;
  return type === "below" ? host.endsWith(`.${named}`) : host === named;
}

/** With a port it is more specific than without. */
function weight({ type, port }: NamedHost): number {
  return ["address", "name", "below", "any"].indexOf(type) * 2 + (port === undefined ? 1 : 0);
}

const isPort = (port: number) => port > 0 && port < 65_536;

function notAHost(text: string): Failure {
  const hint = "such as git.example.com, git.example.com:3000, *.example.com, 10.1.2.3, or * for all public hosts";
  return new Failure("UsageInvalid", { message: `--remote-host: "${text}" is not a host`, hint });
}

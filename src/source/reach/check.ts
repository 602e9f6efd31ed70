import { type LookupAddress, lookup as lookupByCallback } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { Failure, toFailure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import { type AddressKind, canonicalHost, kindOfAddress, plainAddress } from "./address-kind.ts";
import { type Endpoint, isWithin, type Network, type Reach } from "./reach.ts";

/**
 * Throws `Failure` (SourceDenied) where a host may not be connected to, as far as its text tells. What a name resolves to
 * is judged by `guardedLookup`, when it is resolved.
 */
export async function checkHost(reach: Reach, at: Endpoint): Promise<void> {
  const refusal = refusalOf(reach, at);
  if (refusal !== undefined) throw denied(refusal);
  const canonical = canonicalHost(at.host) ?? "";
  if (isIP(canonical) !== 0) await checkAddress(reach, at, canonical);
}

/** Why a host may not be connected to whatever it resolves to, in words; undefined where that decides. */
export function refusalOf(reach: Reach, { host, port }: Endpoint): string | undefined {
  const canonical = canonicalHost(host);
  if (canonical === undefined) return `"${host}" is not a host`;
  const permit = reach.permit(canonical, port);
  if (permit === undefined) {
    const shown = host.includes(":") ? `[${host}]` : host;
    return `${shown}:${port} is not among the hosts that something may be taken from`;
  }
  return !permit.apiServer && namesApiServer(reach.network, canonical, port) ? `${host} is the API server` : undefined;
}

/**
 * Resolves names as the system does, and refuses with a `Failure` (SourceDenied) where one address of a name may not be
 * connected to: what is judged is what is connected to, so that a name cannot mean two things.
 */
export function guardedLookup(reach: Reach, at: Endpoint): LookupFunction {
  return (hostname, options, callback) => {
    lookupByCallback(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "");
      const judged = Promise.all(addresses.map(({ address }) => checkAddress(reach, at, address)));
      judged.then(
        () => {
          const [first] = addresses;
          if (options.all === true) callback(null, addresses);
          else callback(null, first?.address ?? "", first?.family);
        },
        (thrown: unknown) => callback(toFailure(thrown), ""),
      );
    });
  };
}

/**
 * The same where a proxy resolves the name: judged is what it resolves to here. Where it resolves to nothing here, the proxy
 * alone knows the host, and answers for it.
 */
export async function checkResolved(reach: Reach, at: Endpoint): Promise<void> {
  const addresses = await addressesOf(at.host);
  for (const { address } of addresses) await checkAddress(reach, at, address);
}

async function checkAddress(reach: Reach, at: Endpoint, address: string): Promise<void> {
  const canonical = canonicalHost(at.host) ?? "";
  const permit = reach.permit(canonical, at.port);
  const kind = kindHere(address);
  const leads = isIP(canonical) === 0 ? `${at.host} resolves to` : `${at.host} is`;
  if (permit === undefined || !isWithin(kind.level, permit.upTo)) throw denied(`${leads} ${kind.words}`);
  if (!permit.apiServer && (await isApiServer(reach.network, address, at.port)))
    throw denied(`${leads} the API server`);
}

/** An address of this machine is as near as loopback, whatever network it is in. */
function kindHere(address: string): AddressKind {
  const kind = kindOfAddress(address);
  if (kind.level !== "public" && kind.level !== "private") return kind;
  const own = Object.values(networkInterfaces()).flat();
  const isOwn = own.some((each) => each !== undefined && plainAddress(each.address) === plainAddress(address));
  return isOwn ? { level: "loopback", words: "an address of this machine" } : kind;
}

/** The names that the API server has in every cluster, and in any domain of one. */
const serviceName = /^kubernetes(\.default(\.svc(\..*)?)?)?$/;

function namesApiServer({ apiServers }: Network, host: string, port: number): boolean {
  if (serviceName.test(host)) return true;
  return apiServers.some((server) => server.port === port && canonicalHost(server.host) === host);
}

async function isApiServer({ apiServers }: Network, address: string, port: number): Promise<boolean> {
  const there = apiServers.filter((server) => server.port === port);
  // One that cannot be resolved now is known by its name alone.
  const resolved = there.map(({ host }) => addressesOf(canonicalHost(host) ?? host));
  const addresses = (await Promise.all(resolved)).flat();
  return addresses.some((each) => plainAddress(each.address) === plainAddress(address));
}

/** The addresses of a name; none where it is not known or the resolver does not answer. */
async function addressesOf(host: string): Promise<readonly LookupAddress[]> {
  try {
    return await lookup(host, { all: true });
  } catch (thrown) {
    if (stringAt(thrown, "syscall") === "getaddrinfo") return [];
    throw thrown;
  }
}

function denied(message: string): Failure {
  const hint = "whoever runs mooring can name hosts and addresses with --remote-host";
  return new Failure("SourceDenied", { message: `not connected to: ${message}`, hint });
}

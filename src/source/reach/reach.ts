import { isIP } from "node:net";
import { portOf, type RepositoryUrl } from "../url.ts";
import { type AddressLevel, canonicalHost } from "./address-kind.ts";
import { entryFor, type NamedHost } from "./named-hosts.ts";

/** Where a server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The network that this program is in, as the operator configured it. */
export interface Network {
  /** The hosts named with `--remote-host`. */
  readonly named: readonly NamedHost[];
  /** The API servers that this program works with. */
  readonly apiServers: readonly Endpoint[];
  /** How near the hosts may be that Environments name as theirs: `private` in a cluster, `loopback` on a person's machine. */
  readonly near: "private" | "loopback";
  /** Which hosts that are not named kustomizations may fetch from: none, or those with public addresses. */
  readonly unnamed: "none" | "public";
}

/** Which addresses of a host are allowed. */
export interface Permit {
  /** Addresses up to this level. */
  readonly upTo: AddressLevel;
  /** The API server too. */
  readonly apiServer: boolean;
}

/** An egress policy: which hosts may be connected to. */
export interface Reach {
  /** Equal for those that permit the same, within one network. */
  readonly id: string;
  readonly network: Network;
  /** Undefined where the host is denied. The host is canonical. */
  permit(host: string, port: number): Permit | undefined;
}

/** A workstation, whose user chose what runs. */
export const ownMachine: Network = { named: [], apiServers: [], near: "loopback", unnamed: "public" };

/** From near to far. */
const levels: readonly AddressLevel[] = ["public", "private", "loopback", "never"];

/** Whether what is of one level may be reached by whom another level is permitted. */
export function isWithin(level: AddressLevel, permitted: AddressLevel): boolean {
  return levels.indexOf(level) <= levels.indexOf(permitted);
}

/**
 * Reaches what an Environment or a Promotion names as its own: repository, forge, proxy. Any host, for private ones are the
 * rule there; but neither metadata services nor the API server, and in a cluster nothing of the Pod itself.
 */
export function ownReach(network: Network): Reach {
  const near: Permit = { upTo: network.near, apiServer: false };
  return {
    id: "own",
    network,
    permit: (host, port) => wider(near, isIP(host) === 0 ? undefined : namedPermit(network, host, port)),
  };
}

/** The same for another cluster, which may be this one. */
export function clusterReach(network: Network): Reach {
  const own = ownReach(network);
  return {
    id: "cluster",
    network,
    permit: (host, port) => ({ upTo: own.permit(host, port)?.upTo ?? network.near, apiServer: true }),
  };
}

/**
 * Reaches what files name elsewhere: the hosts that the operator named, and where `home` is given, which is for Git alone, the
 * host of the Environment's own repository, at its port and the usual ones.
 */
export function elsewhereReach(network: Network, home: RepositoryUrl | undefined): Reach {
  const near: Permit = { upTo: network.near, apiServer: false };
  const homeHost = home === undefined ? undefined : canonicalHost(home.host);
  const homePorts = home === undefined ? [] : [portOf(home), 443, 22];
  const unnamed: Permit | undefined = network.unnamed === "public" ? { upTo: "public", apiServer: false } : undefined;
  return {
    id: `elsewhere ${homeHost ?? ""} ${homePorts.join(" ")}`,
    network,
    permit(host, port) {
      const isHome = host === homeHost && homePorts.includes(port);
      return wider(wider(unnamed, isHome ? near : undefined), namedPermit(network, host, port));
    },
  };
}

/** An address that was named is trusted as it is, even the API server's where its port was named; a name may resolve to no more than private ones. */
function namedPermit({ named }: Network, host: string, port: number): Permit | undefined {
  const entry = entryFor(named, host, port);
  if (entry === undefined) return undefined;
  if (entry.type === "address") return { upTo: "never", apiServer: entry.port !== undefined };
  return { upTo: entry.type === "any" ? "public" : "private", apiServer: false };
}

function wider(one: Permit | undefined, other: Permit | undefined): Permit | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isWithin(one.upTo, other.upTo) ? other : one;
}

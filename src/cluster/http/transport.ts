import type { LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { Failure, toFailure } from "../../model/failure.ts";
import { checkHost, endpointOf, guardedLookup, type Reach } from "../../source/index.ts";
import { type ClientCertificate, logIn, readMaterial } from "../kubeconfig/credentials.ts";
import type { ClusterEntry, Material } from "../kubeconfig/kubeconfig.ts";
import { type MemoryBudget, unlimitedMemory } from "./memory-budget.ts";
import { Pools } from "./pools.ts";
import { foreignLimits, memoryBudgetFor, ownLimits, type ResponseLimits } from "./response-limits.ts";

/** Connections to one API server, and the credentials for it. */
export interface Transport {
  /** The URL of the API server. */
  readonly server: string;
  readonly origin: string;
  /** The path of the server's URL, without a trailing slash: not empty behind some gateways. */
  readonly prefix: string;
  /** For short requests: up to 16 connections, kept alive. */
  readonly requests: Dispatcher;
  /** Without a limit: for watches, each of which holds one, and for urgent requests. */
  readonly unlimited: Dispatcher;
  /** The `authorization` header of the next request, whose connection has the certificate that belongs to it. Throws as `Credentials`. */
  authorize(fresh: boolean, signal: AbortSignal): Promise<string | undefined>;
  readonly limits: ResponseLimits;
  readonly memory: MemoryBudget;
  /** Breaks all connections. */
  close(): Promise<void>;
}

/** For whom, and how far: see `openTransport`. */
export interface TransportOptions {
  readonly isForeign: boolean;
  readonly reach?: Reach | undefined;
  readonly signal: AbortSignal;
}

const connections = 16;

const limits = {
  pipelining: 1,
  // The API server closes what is idle for 90 s (`http.Server.IdleTimeout` in apiserver): the client must be first.
  keepAliveTimeout: 60_000,
  keepAliveMaxTimeout: 60_000,
  // Writes are answered within 34 s and lists within 60 s, or refused (`requestTimeoutUpperBound` in apiserver).
  headersTimeout: 65_000,
  bodyTimeout: 65_000,
};

/**
 * The connections to a cluster, none of them open yet; where a reach is given, only within it. A foreign cluster is one that
 * a tenant names. Throws `Unauthorized` or `UsageInvalid` for unusable credentials, `SpecInvalid` for a server or a proxy that is
 * out of reach, `Interrupted` after an abort.
 */
export async function openTransport(
  entry: ClusterEntry,
  { isForeign, reach, signal }: TransportOptions,
): Promise<Transport> {
  const { Pool, ProxyAgent } = await import("undici");
  const toServer = await lookupFor(entry.server, reach);
  const toProxy = entry.proxyUrl === undefined ? {} : await lookupFor(entry.proxyUrl, reach);
  const credentials = await logIn(entry.login, signal);
  const tls = {
    ca: await materialText(entry.ca),
    cert: await materialText(entry.cert),
    key: await materialText(entry.key),
    rejectUnauthorized: !entry.insecure,
    ...(entry.serverName === undefined ? {} : { servername: entry.serverName }),
  };
  const connect = { ...toServer, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 };
  const { origin, pathname } = new URL(entry.server);
  const open = (count: number | null, certificate: ClientCertificate | undefined): Dispatcher =>
    entry.proxyUrl === undefined
      ? new Pool(origin, {
          ...limits,
          connections: count,
          connect: { ...connect, ...tls, ...certificate },
          allowH2: false,
        })
      : new ProxyAgent({
          ...limits,
          uri: entry.proxyUrl,
          connections: count,
          requestTls: { ...tls, ...certificate },
          proxyTls: toProxy,
          allowH2: false,
        });
  const pools = new Pools((certificate) => ({
    requests: open(connections, certificate),
    unlimited: open(null, certificate),
  }));
  return {
    server: entry.server,
    origin,
    prefix: pathname.replace(/(?<!\/)\/+$/, ""),
    get requests() {
      return pools.current.requests;
    },
    get unlimited() {
      return pools.current.unlimited;
    },
    async authorize(fresh, ends) {
      const { authorization, certificate } = await credentials(fresh, ends);
      pools.use(certificate);
      return authorization;
    },
    limits: isForeign ? foreignLimits : ownLimits,
    memory: isForeign ? memoryBudgetFor(entry.server) : unlimitedMemory,
    close: () => pools.close(),
  };
}

/** How the host of a URL is resolved. */
async function lookupFor(url: string, reach: Reach | undefined): Promise<{ readonly lookup?: LookupFunction }> {
  if (reach === undefined) return {};
  const at = endpointOf(new URL(url));
  await checkHost(reach, at).catch((thrown: unknown) => {
    throw new Failure("SpecInvalid", toFailure(thrown).problems);
  });
  return { lookup: guardedLookup(reach, at) };
}

async function materialText(material: Material | undefined): Promise<string | undefined> {
  return material === undefined ? undefined : readMaterial(material);
}

import type { Dispatcher } from "undici";
import type { Credentials } from "../credentials/credentials.ts";
import { checkHost, checkResolved, guardedLookup } from "../reach/check.ts";
import type { Endpoint, Reach } from "../reach/reach.ts";

/** What connections are made with. */
export type ConnectionTrust = Pick<Credentials, "ca" | "clientCertificate" | "clientKey" | "proxy">;

/** A request, and with what it is sent. */
export type HttpOptions = Omit<Dispatcher.RequestOptions, "origin" | "path"> & { readonly signal: AbortSignal };

/** A client with connections of its own. */
export interface HttpClient {
  /**
   * Sends one request and follows no redirect. Throws `Failure` (SourceDenied) where the reach does not permit the host or
   * what it resolves to, and what undici throws.
   */
  readonly request: (url: string, options: HttpOptions) => Promise<Dispatcher.ResponseData>;
  readonly close: () => Promise<void>;
}

/**
 * The HTTP client for one server: kept alive, through the proxy that the environment or the credentials name. It may be sent
 * elsewhere, within its reach; the client certificate stays with the origin. Loads undici when it is called: a render of local
 * files must not wait for an HTTP client.
 */
export async function openHttpClient(trust: ConnectionTrust, origin: string, reach: Reach): Promise<HttpClient> {
  const undici = await import("undici");
  const { proxy } = trust;
  const { clientCertificate: _, clientKey: __, ...withoutCertificate } = trust;
  const clients = new Map<ConnectionTrust, Dispatcher>();
  const clientFor = (url: URL): Dispatcher => {
    const shown = url.origin === origin ? trust : withoutCertificate;
    const client = clients.get(shown) ?? openDispatcher(undici, shown, reach);
    clients.set(shown, client);
    return client;
  };
  return {
    async request(text, options) {
      const url = new URL(text);
      await checkHost(reach, endpointOf(url));
      if (proxy !== undefined) await checkHost(reach, endpointOf(new URL(proxy)));
      // A connection of our own is judged when it is made; a proxy of the operator's connects from where this program is.
      if (proxy === undefined && throughProxy()) await checkResolved(reach, endpointOf(url));
      return undici.request(url, { ...options, dispatcher: clientFor(url) });
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.destroy()));
    },
  };
}

const proxyVariables = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"];
const throughProxy = (): boolean => proxyVariables.some((name) => (process.env[name] ?? "") !== "");

function openDispatcher(undici: typeof import("undici"), trust: ConnectionTrust, reach: Reach): Dispatcher {
  const { ca, clientCertificate, clientKey, proxy } = trust;
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
  };
  // The deadline is the caller's, over all requests of a fetch; a server may think for as long as it allows.
  const options = { requestTls: tls, connections: 4, headersTimeout: 0, bodyTimeout: 0 };
  if (proxy !== undefined) {
    const lookup = guardedLookup(reach, endpointOf(new URL(proxy)));
    return new undici.ProxyAgent({ ...options, uri: proxy, proxyTls: { lookup } });
  }
  const connect: ReturnType<typeof undici.buildConnector> = (to, done) => {
    const at = { host: to.hostname, port: Number(to.port) || portOf(to.protocol) };
    undici.buildConnector({ ...tls, lookup: guardedLookup(reach, at) })(to, done);
  };
  return new undici.EnvHttpProxyAgent({ ...options, connect });
}

/** Where a URL's server listens. */
export function endpointOf({ hostname, port, protocol }: URL): Endpoint {
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) || portOf(protocol) };
}

function portOf(protocol: string): number {
  return protocol === "https:" ? 443 : 80;
}

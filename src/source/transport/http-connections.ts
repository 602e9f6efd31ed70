import type { Credentials } from "../credentials.ts";

/** What connections are made with. */
export type ConnectionTrust = Pick<Credentials, "ca" | "clientCertificate" | "clientKey" | "proxy">;

/**
 * The HTTP client and connections of their own for one server: kept alive, through the proxy that the environment or the
 * credentials name. Loaded when it is called: a render of local files must not wait for an HTTP client.
 */
export async function openHttpClient(credentials: ConnectionTrust) {
  const { EnvHttpProxyAgent, ProxyAgent, request } = await import("undici");
  const tls = {
    ...(credentials.ca === undefined ? {} : { ca: credentials.ca }),
    ...(credentials.clientCertificate === undefined ? {} : { cert: credentials.clientCertificate }),
    ...(credentials.clientKey === undefined ? {} : { key: credentials.clientKey }),
  };
  // The deadline is the caller's, over all requests of a fetch; a server may think for as long as it allows.
  const options = { connect: tls, requestTls: tls, connections: 4, headersTimeout: 0, bodyTimeout: 0 };
  const { proxy } = credentials;
  const dispatcher = proxy === undefined ? new EnvHttpProxyAgent(options) : new ProxyAgent({ ...options, uri: proxy });
  return { request, dispatcher };
}

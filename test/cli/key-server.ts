import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";

/** As much of an API server as the commands for sealing keys ask: it has the same keys in every namespace. */
export interface KeyServer {
  /** Names this server, at a path of its own, and at `/other` by the context of that name. */
  kubeconfig(path: string): string;
  stop(): Promise<void>;
}

const secrets = {
  resource: "secrets",
  responseKind: { group: "", version: "v1", kind: "Secret" },
  scope: "Namespaced",
  verbs: ["list", "patch", "create"],
};

/** Serves the keys, to which those are added that are created. Tells of every request what was asked, and as whom. */
export async function startKeyServer(keys: unknown[], tell: (request: string) => void): Promise<KeyServer> {
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const { method, url = "" } = request;
    if (/\/apis?$/.test(url)) return kindsOf(url);
    if (method === "GET")
      return { kind: "SecretList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: keys };
    const body = await json(request);
    if (method === "POST") keys.push(body);
    return method === "POST" ? body : keys[0];
  };
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    tell([method, url, headers["impersonate-user"], headers["impersonate-group"]].join(" "));
    response.setHeader("content-type", "application/json");
    void answer(request).then((body) => response.end(JSON.stringify(body)));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const cluster = (name: string, path: string) => ({ name, cluster: { server: `http://127.0.0.1:${port}${path}` } });
  return {
    kubeconfig: (path) =>
      JSON.stringify({
        clusters: [cluster("main", path), cluster("other", "/other")],
        contexts: ["main", "other"].map((name) => ({ name, context: { cluster: name, user: "me" } })),
        users: [{ name: "me", user: {} }],
        "current-context": "main",
      }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function kindsOf(url: string) {
  const core = { metadata: {}, versions: [{ version: "v1", resources: [secrets] }] };
  const items = url.endsWith("api") ? [core] : [];
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items };
}

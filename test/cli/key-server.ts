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

const forge = { type: "gitea", url: "http://127.0.0.1:9", repository: "acme/shop", secretRef: { name: "forge" } };

/** What there is of Mooring's own kinds, in every namespace. */
const shop = {
  Environment: {
    apiVersion: "mooring.dev/v1alpha1",
    kind: "Environment",
    metadata: { name: "shop", namespace: "mooring-system", creationTimestamp: "2026-01-02T03:04:05Z" },
    spec: { source: { url: "https://127.0.0.1:9/acme/shop.git", ref: { branch: "main" } }, path: "./app" },
    status: {
      pendingDigest: "3f5a0c91e2b7",
      lastAppliedRevision: `main@sha1:${"b".repeat(40)}`,
      history: ["b", "a"].map((digit) => ({
        revision: `main@sha1:${digit.repeat(40)}`,
        digest: "3f5a0c91e2b7",
        outcome: "Succeeded",
        started: "2026-01-02T03:04:05Z",
        finished: "2026-01-02T03:04:06Z",
      })),
    },
  },
  Promotion: {
    apiVersion: "mooring.dev/v1alpha1",
    kind: "Promotion",
    metadata: { name: "shop", namespace: "mooring-system", creationTimestamp: "2026-01-02T03:04:05Z" },
    spec: { from: { environmentRef: { name: "shop" } }, to: { branch: "next" }, forge },
  },
};

/** One that is rolled out to another cluster, from the branch `next`. */
const elsewhere = {
  ...shop.Environment,
  metadata: { ...shop.Environment.metadata, name: "elsewhere" },
  spec: {
    ...shop.Environment.spec,
    source: { ...shop.Environment.spec.source, ref: { branch: "next" } },
    kubeConfig: { secretRef: { name: "other" } },
  },
};

const ofMooring = Object.keys(shop).map((kind) => ({
  resource: `${kind.toLowerCase()}s`,
  responseKind: { group: "mooring.dev", version: "v1alpha1", kind },
  scope: "Namespaced",
  verbs: ["get", "list", "patch"],
}));

/** Serves the keys, to which those are added that are created. Tells of every request what was asked, and as whom. */
export async function startKeyServer(keys: unknown[], tell: (request: string) => void): Promise<KeyServer> {
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const { method, url = "" } = request;
    if (/\/apis?$/.test(url)) return kindsOf(url);
    const own = Object.values(shop).find(({ kind }) => url.includes(`/${kind.toLowerCase()}s`));
    if (own !== undefined && (method !== "GET" || /s\/shop\b/.test(url))) return own;
    if (own !== undefined) {
      const items = own.kind === "Environment" ? [own, elsewhere] : [own];
      return { kind: `${own.kind}List`, metadata: { resourceVersion: "1" }, items };
    }
    if (method === "GET")
      return { kind: "SecretList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: keys };
    const body = await json(request);
    if (method === "POST" && url.includes("/secrets")) keys.push(body);
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
  const mooring = { metadata: { name: "mooring.dev" }, versions: [{ version: "v1alpha1", resources: ofMooring }] };
  const items = url.endsWith("api") ? [core] : [mooring];
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items };
}

import { readFile } from "node:fs/promises";
import { undefinedIfAbsent } from "../model/absent.ts";
import { Failure } from "../model/failure.ts";
import type { Cluster } from "./cluster.ts";
import { createConnection } from "./http/connection.ts";
import { openTransport } from "./http/transport.ts";
import type { ClusterAccess } from "./kubeconfig/access.ts";
import { type ClusterEntry, type KubeconfigText, resolveContext } from "./kubeconfig/kubeconfig.ts";
import { clusterOver } from "./operations/cluster-over.ts";
import { createDiscovery } from "./operations/discovery.ts";

/**
 * Opens the way to a cluster. Sends nothing yet, so that a wrong address shows with the first request. Throws
 * `UsageInvalid` for an unusable kubeconfig file, `SpecInvalid` for one from a Secret, `Unauthorized` where a login
 * plugin fails, `Interrupted` where the signal aborts while one runs.
 */
export async function connect(
  access: ClusterAccess,
  signal: AbortSignal = new AbortController().signal,
): Promise<Cluster> {
  const entry = await entryOf(access);
  const connection = createConnection(
    await openTransport(
      entry,
      access.from === "text" ? { isForeign: true, reach: access.reach, signal } : { isForeign: false, signal },
    ),
    access.impersonate ?? entry.impersonate,
  );
  return clusterOver({ connection, discovery: createDiscovery(connection), defaultNamespace: entry.defaultNamespace });
}

async function entryOf(access: ClusterAccess): Promise<ClusterEntry> {
  const context = access.from === "inCluster" || access.context === undefined ? {} : { context: access.context };
  switch (access.from) {
    case "inCluster":
      return inClusterEntry(process.env);
    case "files":
      return resolveContext(await readAll(access.paths), { ...context, trusted: true, code: "UsageInvalid" });
    case "text":
      return resolveContext([{ text: access.text }], { ...context, trusted: false, code: "SpecInvalid" });
  }
}

const podFiles = "/var/run/secrets/kubernetes.io/serviceaccount";

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api */
async function inClusterEntry(env: Readonly<Record<string, string | undefined>>): Promise<ClusterEntry> {
  const host = env.KUBERNETES_SERVICE_HOST;
  if (host === undefined) {
    throw new Failure("UsageInvalid", { message: "not in a cluster", hint: "name a kubeconfig with --kubeconfig" });
  }
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? "443"}`,
    defaultNamespace: await readFile(`${podFiles}/namespace`, "utf8").catch(
      (thrown: unknown) => undefinedIfAbsent(thrown) ?? "default",
    ),
    ca: { file: `${podFiles}/ca.crt` },
    insecure: false,
    login: { type: "tokenFile", file: `${podFiles}/token` },
  };
}

/** Of several files those that are missing are passed over, as kubectl does. */
async function readAll(paths: readonly string[]): Promise<readonly KubeconfigText[]> {
  const configs: KubeconfigText[] = [];
  for (const path of paths) {
    try {
      configs.push({ path, text: await readFile(path, "utf8") });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT" && paths.length > 1) continue;
      throw noKubeconfig(path, cause);
    }
  }
  if (configs.length === 0) throw noKubeconfig(paths.join(", "));
  return configs;
}

function noKubeconfig(path: string, cause?: unknown): Failure {
  const hint = "name one with --kubeconfig or $KUBECONFIG";
  return new Failure("UsageInvalid", { message: `cannot read the kubeconfig ${path}`, hint }, { cause });
}

import { readFile, writeFile } from "node:fs/promises";

/** What a kubeconfig file says: one cluster, one user, one context. */
export interface KubeconfigOptions {
  readonly server: string;
  /** Left out for plain http. */
  readonly caFile?: string;
  readonly user: string;
  readonly token: string;
  /** The context's namespace. */
  readonly namespace?: string;
}

/** Writes a kubeconfig (JSON is YAML) that needs no other file, readable by its owner only. Answers with its path. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<string> {
  const ca = options.caFile === undefined ? undefined : (await readFile(options.caFile)).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: options.server, "certificate-authority-data": ca } }],
    users: [{ name: options.user, user: { token: options.token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: options.user, namespace: options.namespace } }],
    "current-context": "test",
  };
  await writeFile(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}

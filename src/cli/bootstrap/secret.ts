import { type Cluster, refOf } from "../../cluster/index.ts";
import { objectAt } from "../../model/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { gitSecretName } from "./layout.ts";

/** Values of the Secret by key, as text. Never printed. */
export type SecretTexts = Readonly<Record<string, string>>;

/** What the agent's Git Secret holds; undefined where there is none. */
export async function readGitSecret(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<SecretTexts | undefined> {
  const secret = await cluster.get(refOf(gitSecret(namespace, {})), signal);
  if (secret === undefined) return undefined;
  const data = Object.entries(objectAt(secret, "data") ?? {});
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(String(value), "base64").toString()]));
}

/** Writes the agent's Git Secret, unless it holds just that already. Tells whether it was written. */
export async function writeGitSecret(
  cluster: Cluster,
  namespace: string,
  wanted: { readonly before: SecretTexts | undefined; readonly texts: SecretTexts },
  signal: AbortSignal,
): Promise<boolean> {
  const same = Object.entries(wanted.texts).every(([key, text]) => wanted.before?.[key] === text);
  if (same && wanted.before !== undefined) return false;
  const object = gitSecret(namespace, wanted.texts);
  await cluster.apply(object, { dryRun: false, force: true, fieldManager: "mooring-cli" }, signal);
  return true;
}

/** The Secret with which the agent fetches its own repository. */
export function gitSecret(namespace: string, texts: SecretTexts): KubeObject {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")] as const);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: gitSecretName, namespace },
    data: Object.fromEntries(data),
  };
}

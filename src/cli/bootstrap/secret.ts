import { type Cluster, refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { gitSecretName } from "./layout.ts";

const manager = "mooring-cli";

/** Values of the Secret by key, as text. Never printed. */
export type SecretTexts = Readonly<Record<string, string>>;

/** The Secret as it is. */
export interface GitSecret {
  readonly texts: SecretTexts;
  /** Whether `mooring bootstrap` made it; else it is somebody's own, and other Environments may use it. */
  readonly ours: boolean;
}

/** What the agent's Git Secret holds; undefined where there is none. */
export async function readGitSecret(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<GitSecret | undefined> {
  const secret = await cluster.get(refOf(gitSecret(namespace, {})), signal);
  if (secret === undefined) return undefined;
  const data = Object.entries(objectAt(secret, "data") ?? {});
  const managers = listAt(secret, "metadata", "managedFields").map((entry) => stringAt(entry, "manager"));
  return {
    texts: Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(String(value), "base64").toString()])),
    ours: managers.includes(manager),
  };
}

/** Tells whether a Secret has to be written to hold these. Throws `Failure` (Conflict) where it is somebody's own. */
export function hasToChange(before: GitSecret | undefined, wanted: SecretTexts, namespace: string): boolean {
  if (before === undefined) return true;
  if (Object.entries(wanted).every(([key, text]) => before.texts[key] === text)) return false;
  if (before.ours) return true;
  const message = "already exists with other content and was not created by mooring bootstrap";
  const hint = "delete it, or add the agent's credentials for this repository to it";
  throw new Failure("Conflict", { object: `Secret/${namespace}/${gitSecretName}`, message, hint });
}

/** Writes the agent's Git Secret. */
export async function writeGitSecret(
  cluster: Cluster,
  namespace: string,
  texts: SecretTexts,
  signal: AbortSignal,
): Promise<void> {
  const options = { dryRun: false, force: true, fieldManager: manager };
  await cluster.apply(gitSecret(namespace, texts), options, signal);
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

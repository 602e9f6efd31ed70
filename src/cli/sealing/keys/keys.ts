import { sealingKeyLabel } from "../../../api/sealed-secret.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import {
  certificateBundle,
  type KeyRing,
  keyRing,
  type OpeningKey,
  type OpeningKeys,
  openingKeys,
  type SealingKey,
} from "../../../seal/index.ts";
import { type Context, clusterAccess } from "../../command/command.ts";
import { withCluster } from "../../environment/environments.ts";
import { formatWarning } from "../../print/failure.ts";
import { readNamed } from "../files/files.ts";

/** Where keys are looked for: Mooring's own namespace, and where the sealed-secrets controller keeps them. */
const keyNamespaces = ["mooring-system", "kube-system"];

/** The flag that says where else the keys are, as kubeseal has it. */
export const controllerFlags = {
  "controller-namespace": {
    type: "string",
    value: "NAME",
    names: "namespace",
    summary: "Namespace of the sealing keys; defaults to mooring-system, then kube-system",
  },
} as const;

/** The flag for keys at hand, as kubeseal has it. */
export const privateKeyFlags = {
  "recovery-private-key": {
    type: "list",
    value: "FILE",
    summary: "Private keys to use instead of the cluster's (PEM, or a backup of key Secrets)",
  },
} as const;

/** Keys that are at hand leave nothing to ask a cluster for: for a command that asks it for nothing else. */
export const idleWithKeysAtHand = {
  beside: "recovery-private-key",
  flags: ["controller-namespace", ...clusterAccess],
  why: "the keys come from files, so no cluster is contacted",
} as const;

type Keys = { readonly "controller-namespace": string | undefined };

/** The Secrets that hold the cluster's sealing keys, all of the first namespace that has any; none where there is none. */
export async function findKeySecrets(context: Context, flags: Keys): Promise<readonly KubeObject[]> {
  const wanted = flags["controller-namespace"];
  return withCluster(context, async (cluster) => {
    for (const namespace of wanted === undefined ? keyNamespaces : [wanted]) {
      const found = await keySecretsIn(cluster, namespace, context.signal);
      if (found.length > 0) return found;
    }
    return [];
  });
}

/** The same, but there must be some. Throws `Failure` (NotFound) with what to do. */
export async function keySecrets(context: Context, flags: Keys): Promise<readonly KubeObject[]> {
  const found = await findKeySecrets(context, flags);
  if (found.length > 0) return found;
  throw new Failure("NotFound", {
    message: `there is no sealing key in ${flags["controller-namespace"] ?? keyNamespaces.join(" or ")}`,
    hint: "the agent creates one when it starts; use --controller-namespace for another namespace",
  });
}

/** The cluster's keys; what cannot be read as one is warned about. */
export async function clusterKeys(context: Context, flags: Keys): Promise<KeyRing> {
  const ring = keyRing(await keySecrets(context, flags));
  for (const problem of ring.problems) context.stderr.write(formatWarning(problem, context.stderr.style));
  return ring;
}

/** The keys to open with: those of the files, or the cluster's. */
export async function keysToOpen(
  context: Context,
  flags: Keys & { readonly "recovery-private-key": readonly string[] },
): Promise<OpeningKeys> {
  const files = flags["recovery-private-key"].flatMap((paths) => paths.split(","));
  return files.length === 0 ? clusterKeys(context, flags) : openingKeysOf(context, files);
}

/** The private keys in files. */
export async function openingKeysOf(
  context: Pick<Context, "cwd" | "stdin">,
  files: readonly string[],
): Promise<OpeningKeys> {
  const keys: OpeningKey[] = [];
  for (const file of files) keys.push(...openingKeys((await readNamed(context, file)).toString(), file));
  return { keys };
}

/** The newest certificate of the cluster, with its X25519 key. */
export async function clusterCertificate(context: Context, flags: Keys): Promise<string> {
  const [newest] = (await clusterKeys(context, flags).catch(orSay)).keys;
  if (newest === undefined) throw new Failure("NotFound", { message: "the cluster has no readable sealing key" });
  return certificateBundle(newest satisfies SealingKey);
}

async function keySecretsIn(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const type = await cluster.resource("v1", "Secret", signal);
  if (type === undefined) throw new Failure("KindUnknown", { message: `${cluster.server} serves no Secrets` });
  const options = { namespace, labelSelector: `${sealingKeyLabel}=active` };
  return (await cluster.list(type, options, signal)).items;
}

/** Who may not read keys can still seal: the certificate is public. */
function orSay(thrown: unknown): never {
  if (!(thrown instanceof Failure) || thrown.code !== "Forbidden") throw thrown;
  const hint =
    "sealing needs only the certificate, which is public: a seal.pem of the repository, or http://…/v1/cert.pem of the agent";
  throw new Failure(
    "Forbidden",
    thrown.problems.map((problem) => ({ ...problem, hint })),
    { cause: thrown },
  );
}

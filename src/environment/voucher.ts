import type { Problem } from "../model/failure.ts";
import type { Vouch } from "../rollout/index.ts";
import { type SecretToWrite, vouch } from "../seal/index.ts";
import type { Rights } from "./rights.ts";

/** Who stands for an Environment in the cluster of the sealing keys. */
export interface Stand {
  /** Of the identity that it acts as here; undefined where it acts in another cluster and names nobody here. */
  readonly rights: Rights | undefined;
  /** Set where what is opened leaves this cluster. */
  readonly leaves: boolean;
}

/**
 * Lets be opened, for one Environment, what its identity may write as a Secret in this cluster anyway. An object is asked
 * about once for as long as its content stays the same, so that a pass in which nothing changed asks nothing.
 */
export function createVoucher(stand: Stand): Vouch {
  let known: ReadonlySet<string> = new Set();
  return async (manifests, signal) => {
    const granted = new Set<string>();
    const vouched = await vouch(manifests, async (secret) => {
      const key = JSON.stringify(secret);
      const refused = known.has(key) ? undefined : await whyNot(stand, secret, signal);
      if (refused === undefined) granted.add(key);
      return refused;
    });
    known = granted;
    return vouched;
  };
}

type Refused = Pick<Problem, "message" | "hint">;

async function whyNot(stand: Stand, secret: SecretToWrite, signal: AbortSignal): Promise<Refused | undefined> {
  if (stand.rights === undefined) return nobodyStands;
  const { namespace, name, templated } = secret;
  // Where something of the values could come back by another way than the Secret, it takes the right to read them.
  const reads = stand.leaves || templated;
  const verbs = reads ? ["get", "create", "patch"] : ["create", "patch"];
  if (await stand.rights.allow(verbs, { group: "", resource: "secrets", namespace, name }, signal)) return undefined;
  return {
    message: `is not opened: ${stand.rights.who} may not ${reads ? "get, " : ""}create and patch the Secret ${namespace}/${name}${stand.leaves ? " in the agent's own cluster" : ""}`,
    hint: "a sealed secret is opened only for an identity that may write its Secret: grant that permission, or remove the object",
  };
}

const nobodyStands: Refused = {
  message:
    "is not opened: it would be sent to another cluster (kubeConfig), and no service account of this cluster vouches for it",
  hint: "set serviceAccountName to one that may get, create and patch this Secret in this cluster; or encrypt it with SOPS, or run an agent in the other cluster",
};

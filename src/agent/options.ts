import type { RenewalPolicy } from "../seal/index.ts";
import type { Network } from "../source/index.ts";

/** How an agent is run. */
export interface AgentOptions {
  /** Where its own objects are: lease, sealing keys. */
  readonly namespace: string;
  /** Only the Environments of these namespaces; all of them where there is none. */
  readonly watchNamespaces: readonly string[];
  /** `host:port` of the HTTP endpoints. */
  readonly listen: string;
  readonly leaderElection: boolean;
  /** Impersonated for Environments that name no service account. */
  readonly defaultServiceAccount: string | undefined;
  /** Whether Environments may refer to objects of other namespaces than their own. */
  readonly crossNamespaceRefs: boolean;
  /** When sealing keys are renewed. */
  readonly keyRenewal: RenewalPolicy;
  /** What it calls its cluster in commit statuses; they do without where it is absent. */
  readonly clusterName: string | undefined;
  /** Whether kustomizations may take anything from elsewhere. */
  readonly remoteBases: boolean;
  /** What may be reached, of what Environments, Promotions and repositories name. */
  readonly network: Network;
  readonly userAgent: string;
}

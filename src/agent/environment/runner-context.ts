import type { Environment } from "../../api/environment/environment.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import type { SealingKeys } from "../keys/sealing-keys.ts";
import type { Log } from "../log.ts";
import type { Shared } from "./bindings/bindings.ts";
import type { NotableEvent } from "./decisions/decision.ts";
import type { FindEnvironment } from "./passes/dependencies.ts";
import type { Peer } from "./peers/ownership-peers.ts";

/** What all runners share. */
export interface RunnerContext extends Shared {
  readonly keys: SealingKeys;
  /** Where what tenants supply is worked with. */
  readonly sandbox: Sandbox;
  readonly find: FindEnvironment;
  /** All Environments of the agent, as peers of each other. */
  readonly peers: () => readonly Peer[];
  /** Whether Environments may refer to objects of other namespaces. */
  readonly crossNamespaceRefs: boolean;
  /** Logs an event, and writes it as a Kubernetes Event; must not throw. */
  readonly record: (environment: Environment, event: NotableEvent) => void;
  /** Told the end of every pass, for the metrics. */
  readonly measure: (environment: Environment, ended: { readonly outcome: string; readonly ms: number }) => void;
  /** Told when nothing more comes of an Environment that is gone. */
  readonly forget: (gone: { readonly namespace: string; readonly name: string }) => void;
  /** Told of an Environment that is let go although objects of it are left. */
  readonly abandoned: (environment: Environment) => void;
  readonly log: Log;
}

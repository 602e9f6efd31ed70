import type { Dispatcher } from "undici";
import { heardElsewhere } from "../../model/async/heard-elsewhere.ts";
import type { ClientCertificate } from "../kubeconfig/credentials.ts";

/** The connections that were made with one client certificate. */
export interface PoolPair {
  readonly requests: Dispatcher;
  readonly unlimited: Dispatcher;
}

/**
 * The pools of connections to one API server. A certificate counts for as long as a connection lasts, so another certificate has
 * other pools: those before are closed as soon as their requests and watches have ended.
 */
export class Pools {
  readonly #open: (certificate: ClientCertificate | undefined) => PoolPair;
  readonly #closing = new Set<Dispatcher>();
  #certificate: ClientCertificate | undefined;
  #current: PoolPair;

  constructor(open: (certificate: ClientCertificate | undefined) => PoolPair) {
    this.#open = open;
    this.#current = open(undefined);
  }

  get current(): PoolPair {
    return this.#current;
  }

  /** Has the next request sent with this certificate; undefined is the kubeconfig's own, if it has one. */
  use(certificate: ClientCertificate | undefined): void {
    if (certificate?.cert === this.#certificate?.cert && certificate?.key === this.#certificate?.key) return;
    for (const pool of [this.#current.requests, this.#current.unlimited]) {
      this.#closing.add(pool);
      heardElsewhere(pool.close().finally(() => this.#closing.delete(pool)));
    }
    this.#certificate = certificate;
    this.#current = this.#open(certificate);
  }

  /** Breaks all connections. */
  async close(): Promise<void> {
    const { requests, unlimited } = this.#current;
    await Promise.all([requests, unlimited, ...this.#closing].map((pool) => pool.destroy()));
  }
}

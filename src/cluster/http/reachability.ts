import { guarded, reportBug } from "../../clock/index.ts";

/** Whether a server is reachable, as its requests find out, for whoever waits until it recovers. */
export interface Reachability {
  /** A request was answered. */
  reached(): void;
  /** A request got no answer, or a 502, 503 or 504 from whoever stands in between. */
  failed(): void;
  /** Calls the listener with the first answer after a failed request; returns how to stop that. */
  onRecovery(listener: () => void): () => void;
}

/** A server that counts as reachable until a request fails. */
export function createReachability(): Reachability {
  const listeners = new Set<() => void>();
  let isDown = false;
  return {
    reached() {
      if (!isDown) return;
      isDown = false;
      for (const listener of [...listeners]) listener();
    },
    failed() {
      isDown = true;
    },
    onRecovery(listener) {
      const entry = guarded(() => listener(), reportBug);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
}

import { guarded, reportBug } from "../../clock/index.ts";

/** Whether a server answers, as the requests to it find out, for whoever waits for it to come back. */
export interface Reachability {
  /** A request was answered. */
  answered(): void;
  /** A request got no answer, or one that says that nobody is there to give one. */
  missed(): void;
  /** Calls the listener each time an answer comes after one was missed; returns how to stop that. */
  onReturn(listener: () => void): () => void;
}

/** A server that answers, until it is missed. */
export function createReachability(): Reachability {
  const listeners = new Set<() => void>();
  let away = false;
  return {
    answered() {
      if (!away) return;
      away = false;
      for (const listener of [...listeners]) listener();
    },
    missed() {
      away = true;
    },
    onReturn(listener) {
      const entry = guarded(() => listener(), reportBug);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
}

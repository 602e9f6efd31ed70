import { guarded, reportBug } from "../../clock/index.ts";
import type { KeysOf } from "./object-index.ts";
import type { Change } from "./store.ts";

/** Called with each change. What it throws is reported, and costs the other listeners nothing. */
export type ChangeListener = (change: Change) => void;

/** Hands each change to those whom it concerns: with many listeners, one change must not cost a call of each. */
export interface ChangeRouter {
  /** Calls the listener with every change; returns how to stop that. */
  onChange(listener: ChangeListener): () => void;
  /** Calls it with changes of objects that have the key, or had it until then. */
  onChangeOf(keysOf: KeysOf, key: string, listener: ChangeListener): () => void;
  route(change: Change): void;
}

/** A router without listeners. */
export function createChangeRouter(): ChangeRouter {
  const everything = new Set<ChangeListener>();
  const byKeys = new Map<KeysOf, Map<string, Set<ChangeListener>>>();
  return {
    onChange(listener) {
      const entry = guarded(listener, reportBug);
      everything.add(entry);
      return () => void everything.delete(entry);
    },
    onChangeOf(keysOf, key, listener) {
      const entry = guarded(listener, reportBug);
      const byKey = byKeys.get(keysOf) ?? new Map<string, Set<ChangeListener>>();
      byKeys.set(keysOf, byKey);
      const listeners = byKey.get(key) ?? new Set();
      byKey.set(key, listeners.add(entry));
      return () => {
        listeners.delete(entry);
        if (listeners.size > 0 || byKey.get(key) !== listeners) return;
        byKey.delete(key);
        if (byKey.size === 0 && byKeys.get(keysOf) === byKey) byKeys.delete(keysOf);
      };
    },
    route(change) {
      for (const listener of [...everything]) listener(change);
      for (const [keysOf, byKey] of [...byKeys]) {
        for (const key of keysOfChange(keysOf, change)) {
          for (const listener of [...(byKey.get(key) ?? [])]) listener(change);
        }
      }
    },
  };
}

/** The keys that the object has, and those that it had until now: both are concerned. */
function keysOfChange(keysOf: KeysOf, change: Change): ReadonlySet<string> {
  const previous = change.type === "modified" ? keysOf(change.previous) : [];
  return new Set([...keysOf(change.object), ...previous]);
}

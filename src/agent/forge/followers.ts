import type { Environment } from "../../api/environment/environment.ts";
import type { Gone } from "../environment/environments.ts";
import { createSlots } from "../kernel/slots.ts";
import { type Follower, type FollowerContext, followEnvironment } from "./follower.ts";

/** Tells the forges how the Environments are that name one. */
export interface Followers {
  environmentChanged(environment: Environment): void;
  /** It is not told of any more. */
  environmentGone(gone: Gone): void;
  /** How many Environments are followed. */
  readonly size: number;
  close(): Promise<void>;
}

/** A forge must not take an agent that starts with many Environments for an attack. */
const atOnce = 4;

/** Follows nobody yet. */
export function createFollowers(common: Omit<FollowerContext, "slots">): Followers {
  const context = { ...common, slots: createSlots(atOnce) };
  const followers = new Map<string, Follower>();
  const leave = (key: string): void => {
    void followers.get(key)?.close();
    followers.delete(key);
  };
  return {
    environmentGone: (gone) => leave(keyOf(gone)),
    get size() {
      return followers.size;
    },
    environmentChanged(environment) {
      const { uid = "", namespace, name, deletionTimestamp } = environment.metadata;
      const key = keyOf({ namespace, name, uid });
      const follower = followers.get(key);
      if (environment.spec.forge === undefined || deletionTimestamp !== undefined) leave(key);
      else if (follower === undefined) followers.set(key, followEnvironment(context, environment));
      else follower.update(environment);
    },
    async close() {
      await Promise.all([...followers.values()].map((follower) => follower.close()));
      followers.clear();
    },
  };
}

/** An Environment that was deleted and created again under its name is another one. */
function keyOf({ namespace, name, uid }: Gone): string {
  return `${namespace}/${name} ${uid}`;
}

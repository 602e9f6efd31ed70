import type { Environment } from "../../api/environment.ts";
import { createTurns } from "../turns.ts";
import { type Follower, type FollowerContext, followEnvironment } from "./follower.ts";

/** Tells the forges how the Environments are that name one. */
export interface Followers {
  environmentChanged(environment: Environment): void;
  close(): Promise<void>;
}

/** A forge must not take an agent that starts with many Environments for an attack. */
const atOnce = 4;

/** Follows nobody yet. */
export function createFollowers(common: Omit<FollowerContext, "turns">): Followers {
  const context = { ...common, turns: createTurns(atOnce) };
  const followers = new Map<string, Follower>();
  return {
    environmentChanged(environment) {
      const { uid = "", namespace, name, deletionTimestamp } = environment.metadata;
      const key = `${namespace}/${name} ${uid}`;
      const follower = followers.get(key);
      if (environment.spec.forge === undefined || deletionTimestamp !== undefined) {
        void follower?.close();
        followers.delete(key);
      } else if (follower === undefined) followers.set(key, followEnvironment(context, environment));
      else follower.update(environment);
    },
    async close() {
      await Promise.all([...followers.values()].map((follower) => follower.close()));
      followers.clear();
    },
  };
}

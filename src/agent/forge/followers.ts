import type { Environment } from "../../api/environment/environment.ts";
import { createController, type Gone } from "../kernel/controller.ts";
import { createSlots } from "../kernel/slots.ts";
import { type Follower, type FollowerContext, followEnvironment } from "./follower.ts";

/** Reports the Environments that name a forge to it. */
export interface Followers {
  environmentChanged(environment: Environment): void;
  /** It is not reported any more. */
  environmentGone(gone: Gone): void;
  /** How many Environments are followed. */
  readonly size: number;
  close(): Promise<void>;
}

/** A forge must not take an agent that starts with many Environments for an attack. */
const atOnce = 4;

/** Follows no Environment yet. */
export function createFollowers(shared: Omit<FollowerContext, "slots">): Followers {
  const context = { ...shared, slots: createSlots(atOnce) };
  const controller = createController<Environment, Follower>({
    start: (environment) => followEnvironment(context, environment),
  });
  return {
    environmentGone: controller.remove,
    get size() {
      return controller.size;
    },
    environmentChanged(environment) {
      const { uid = "", namespace, name, deletionTimestamp } = environment.metadata;
      if (environment.spec.forge === undefined || deletionTimestamp !== undefined)
        controller.remove({ namespace, name, uid });
      else controller.put(environment);
    },
    close: controller.close,
  };
}

import { assess, needsWatch } from "../health/index.ts";
import { type Inventory, inventoryIds, widen } from "../model/inventory.ts";
import { describeId, type ObjectId } from "../model/object-id.ts";
import type { Verdict } from "../model/verdict.ts";
import { changes, lineMask } from "../plan/index.ts";
import { correct, pruneLeftovers } from "./advance.ts";
import type { Health, Outcome } from "./outcome.ts";
import { type Prepared, plannedInventory, plannedToKeep } from "./prepare.ts";
import type { Target } from "./target.ts";
import { knownSecrets, verdictMessage } from "./unhealthy.ts";

/**
 * Keeps an environment at a content that was healthy before: what drifted is set right, or only reported. Neither waits
 * for health nor rolls back, since nothing new is being tried. What an interrupted prune left is deleted once all is healthy.
 */
export async function maintain(
  target: Target,
  prepared: Prepared,
  run: {
    readonly revision: string;
    readonly behind: boolean;
    readonly inventory: Inventory;
    readonly drift: "correct" | "report";
  },
  signal: AbortSignal,
): Promise<Outcome> {
  const drifted = changes(prepared.plan).filter(({ action }) => action.type !== "delete");
  const correcting = run.drift === "correct";
  if (drifted.length > 0 && correcting) await correct(target, prepared, signal);
  const planned = plannedInventory(prepared);
  const health = healthNow(target, planned, () => knownSecrets(prepared.observation));
  const mayPrune = health.healthy && !run.behind && prepared.plan.hold === undefined;
  const { inventory, kept } = mayPrune
    ? await pruneLeftovers(target, prepared, run.inventory, signal)
    : { inventory: widen(run.inventory, planned), kept: plannedToKeep(prepared) };
  return {
    type: "maintained",
    revision: run.revision,
    behind: run.behind,
    corrected: correcting ? drifted : [],
    drifted: correcting ? [] : drifted,
    inventory,
    kept,
    health: health.healthy ? allHealthy(inventory) : health,
  };
}

/**
 * The health of what an environment owns, as the live view has it: asks the API server nothing. `secrets` gives the values
 * that its message must not quote.
 */
function healthNow(target: Target, inventory: Inventory, secrets: () => readonly string[]): Health {
  for (const id of inventoryIds(inventory)) {
    const verdict = verdictNow(target, id);
    if (verdict !== undefined && verdict.state !== "current") {
      return { healthy: false, message: `${describeId(id)}: ${verdictMessage(verdict, lineMask(secrets()))}` };
    }
  }
  return allHealthy(inventory);
}

/** The health of an environment whose every object is healthy; said the same way whenever it is. */
export function allHealthy({ entries }: Inventory): Health {
  return { healthy: true, message: `${entries.length} objects are healthy` };
}

/** Tells whether an object is there and not healthy. */
export function isIll(target: Target, id: ObjectId): boolean {
  const verdict = verdictNow(target, id);
  return verdict !== undefined && verdict.state !== "current";
}

function verdictNow(target: Target, id: ObjectId): Verdict | undefined {
  const object = target.view.get(id);
  if (object === undefined || !needsWatch(id.group, id.kind, target.healthRules)) return undefined;
  return assess({ object, ...target.evidence.of(object) }, new Date(), target.healthRules);
}

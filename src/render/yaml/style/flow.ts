import { isFlowMap, noteFlowMap } from "../new-map.ts";
import type { Parent } from "./styles.ts";

/** The lists in flow style, where scalars are written otherwise than in a block; maps know it themselves. */
const flows = new WeakSet<Parent>();

/** Notes whether a map or a list is in flow style: in braces or brackets. */
export function noteFlow(parent: Parent, isFlow: boolean): void {
  if (noteFlowMap(parent, isFlow)) return;
  if (isFlow) flows.add(parent);
  else flows.delete(parent);
}

/** Whether a map or a list is in flow style. */
export const inFlow = (parent: Parent): boolean =>
  Array.isArray(parent) ? flows.has(parent) : isFlowMap(parent) || flows.has(parent);

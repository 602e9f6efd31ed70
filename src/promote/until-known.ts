import { pause } from "../clock/index.ts";
import type { Forge } from "./forge/forge.ts";

const tries = 25;
const pauseMs = 200;

/** Waits a moment until a forge's API has heard of a push that Git has taken: some tell themselves only afterwards. */
export async function untilKnown(
  forge: Pick<Forge, "branchHead">,
  branch: string,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  for (let count = 0; count < tries; count++) {
    if ((await forge.branchHead(branch, signal)) === commit) return;
    await pause(pauseMs, signal);
  }
}

/** Kills the agent at every single call, reads included, of a rollout and of a rollback. `npm test` does so at every write. */
import { openCrashScene } from "../e2e/resilience/crash-points.ts";
import { isCall } from "../support/agent/mortal-agent.ts";

const scene = await openCrashScene(isCall);
try {
  for (const what of ["rollOut", "rollBack"] as const) {
    let n = 1;
    while (await scene[what](n)) n += 1;
    process.stdout.write(`${what}: killed at each of ${n - 1} calls, and always arrived\n`);
  }
} finally {
  await scene.stop();
}

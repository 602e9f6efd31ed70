import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isWrite } from "../../support/agent/mortal-agent.ts";
import { type CrashScene, openCrashScene } from "./crash-points.ts";

/** Reads as well: `npm run fuzz`. */
describe("an agent that is killed at every single write", () => {
  let scene: CrashScene;
  beforeAll(async () => {
    scene = await openCrashScene(isWrite);
  });
  afterAll(() => scene?.stop());

  it("of a rollout", { timeout: 300_000 }, async () => {
    let n = 1;
    while (await scene.rollOut(n)) n += 1;
    expect(n).toBeGreaterThan(6);
  });

  it("of a rollback", { timeout: 300_000 }, async () => {
    let n = 1;
    while (await scene.rollBack(n)) n += 1;
    expect(n).toBeGreaterThan(8);
  });
});

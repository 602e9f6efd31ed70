import { steps } from "./main-job/steps.ts";
import { type Beginning, type Stage, setScene } from "./scene.ts";

/** Something to show: a stage, and what happens on it, step by step. */
export interface Play {
  readonly opening: string;
  /** Who was asked whether the steps are true. */
  readonly witnesses: string;
  readonly begin: (beginning: Beginning) => Promise<Performance>;
}

/** A play that has begun. */
export interface Performance {
  readonly stage: Stage;
  /** In order; each starts where the one before it ended, and throws `StepFailed` when something is not as it should be. */
  readonly steps: readonly { readonly title: string; readonly show: () => Promise<void> }[];
  /** Shell lines to try in the end, beside those of every play. */
  readonly hints: readonly string[];
}

/** `npm run demo`. */
export const plainDemo: Play = {
  opening: "Mooring keeps a cluster as Git says. The stage:",
  witnesses: "the API server",
  begin: async (beginning) => {
    const scene = await setScene(beginning);
    return { stage: scene, steps: steps.map(({ title, play }) => ({ title, show: () => play(scene) })), hints: [] };
  },
};

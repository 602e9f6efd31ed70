import type { Play } from "../play.ts";
import { setStory } from "./scene.ts";
import { steps } from "./steps.ts";

/** `npm run demo -- --full`. */
export const wholeStory: Play = {
  opening: "From a push to production, and what happens to a bad commit. The stage:",
  witnesses: "the API server and Gitea",
  begin: async (beginning) => {
    const scene = await setStory(beginning);
    const { url } = scene.gitea;
    return {
      stage: scene,
      steps: steps.map(({ title, play }) => ({ title, show: () => play(scene) })),
      hints: [
        `open ${url}/${scene.repository}/pulls    # as ${scene.person.name}, with the password ${scene.person.password}`,
      ],
    };
  },
};

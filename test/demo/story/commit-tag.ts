import { setImageTag } from "../repository.ts";
import type { StoryScene } from "./scene.ts";

/** Changes the storefront's version in both overlays, as one commit, and pushes it to staging. */
export async function commitTag(
  { tree, narrator, gitea, repository }: StoryScene,
  tag: string,
  message: string,
): Promise<string> {
  narrator.act(`git commit -m "${message}" && git push    # to staging`);
  const overlays = ["overlays/staging", "overlays/production"];
  const changes = await Promise.all(overlays.map((overlay) => setImageTag(tree, "storefront", tag, overlay)));
  const commit = await tree.commit(Object.assign({}, ...changes), message);
  await gitea.untilPushed(repository, "staging", commit);
  return commit;
}

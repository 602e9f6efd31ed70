/** What the forge says of pull requests, read as its administrator. */
import { listAt, numberAt, stringAt, valueAt } from "../../../src/model/json/json.ts";
import { eventually } from "../../support/wait.ts";
import type { StoryScene } from "./scene.ts";

/** A pull request, as far as the story asks. */
export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly state: "open" | "merged" | "closed";
  readonly base: string;
  readonly headSha: string;
}

/** All there are or ever were, the newest first. */
export async function pullRequests({ gitea, repository }: StoryScene): Promise<readonly PullRequest[]> {
  const answer = await gitea.call("GET", `/repos/${repository}/pulls?state=all&limit=50`);
  return listAt({ answer }, "answer").map((each) => ({
    number: numberAt(each, "number") ?? 0,
    title: stringAt(each, "title") ?? "",
    body: stringAt(each, "body") ?? "",
    author: stringAt(each, "user", "login") ?? "",
    state: valueAt(each, "merged") === true ? "merged" : stringAt(each, "state") === "open" ? "open" : "closed",
    base: stringAt(each, "base", "ref") ?? "",
    headSha: stringAt(each, "head", "sha") ?? "",
  }));
}

/** Merges as a person does with the green button. The forge asks for patience until it knows that there is no conflict. */
export async function merge({ gitea, repository, person }: StoryScene, { number }: PullRequest): Promise<void> {
  const press = async (): Promise<boolean> => {
    await gitea.call("POST", `/repos/${repository}/pulls/${number}/merge`, { Do: "merge" }, person.token);
    return true;
  };
  await eventually(press, { what: `pull request #${number} to be merged`, timeout: 60_000 });
}

/** The commit a branch is at, by Git itself: the forge's API follows a moment later. */
export async function branchHead({ tree }: StoryScene, branch: string): Promise<string> {
  return (await tree.git("ls-remote", "origin", `refs/heads/${branch}`)).split("\t")[0] ?? "";
}

/** What was said of a commit: context → state, the newest word of each. */
export async function statusesOf(
  { gitea, repository }: StoryScene,
  commit: string,
): Promise<ReadonlyMap<string, { readonly state: string; readonly words: string }>> {
  const combined = await gitea.call("GET", `/repos/${repository}/commits/${commit}/status`);
  return new Map(
    listAt(combined, "statuses").map((each) => [
      stringAt(each, "context") ?? "",
      { state: stringAt(each, "status") ?? "", words: stringAt(each, "description") ?? "" },
    ]),
  );
}

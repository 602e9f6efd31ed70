import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { CommitStatus, Forge } from "../../promote/index.ts";
import { createForgeReporter } from "./reporter.ts";

const { signal } = new AbortController();
const sha = "a".repeat(40);
const status = (state: CommitStatus["state"]) => ({ context: "mooring/shop", state, description: state }) as const;

/** A forge that keeps one status, and what was asked of it; `next` says how the next writes go. */
function oneStatus() {
  const at = {
    status: undefined as CommitStatus | undefined,
    asked: [] as string[],
    next: [] as ("lost" | "refused")[],
  };
  const forge = {
    async commitStatuses() {
      at.asked.push("get");
      return at.status === undefined ? [] : [at.status];
    },
    async setCommitStatus(_: string, wanted: CommitStatus) {
      at.asked.push(wanted.state);
      const how = at.next.shift();
      if (how === "refused") throw new Failure("ForgeRefused", { message: "no" });
      at.status = wanted;
      if (how === "lost") throw new Failure("ForgeUnreachable", { message: "no answer" });
    },
  } as Partial<Forge> as Forge;
  return { at, forge };
}

test("what a lost answer leaves in doubt is asked for before it counts as told", async () => {
  const { at, forge } = oneStatus();
  const reporter = createForgeReporter(() => undefined);
  const set = (state: CommitStatus["state"]) => reporter.setStatuses(forge, [{ sha, status: status(state) }], signal);
  await set("success");
  at.next.push("lost");
  await expect(set("pending")).rejects.toMatchObject({ code: "ForgeUnreachable" });
  await set("success");
  expect(at.status?.state).toBe("success");
  await set("success");
  expect(at.asked).toEqual(["get", "success", "pending", "get", "success"]);
});

test("a commit that is left before it was healthy is told so until that is known", async () => {
  const { at, forge } = oneStatus();
  const reporter = createForgeReporter(() => undefined);
  await reporter.setStatuses(forge, [{ sha, status: status("pending") }], signal);
  at.next.push("lost");
  await expect(reporter.setStatuses(forge, [], signal)).rejects.toMatchObject({ code: "ForgeUnreachable" });
  at.status = status("pending");
  await reporter.setStatuses(forge, [], signal);
  expect(at.status.state).toBe("failure");
  await reporter.setStatuses(forge, [], signal);
  expect(at.asked).toEqual(["get", "pending", "failure", "get", "failure"]);
});

test("what is refused is told once, and not tried again", async () => {
  const { at, forge } = oneStatus();
  const refusals: Failure[] = [];
  const reporter = createForgeReporter((failure) => refusals.push(failure));
  at.next.push("refused");
  for (let time = 0; time < 3; time += 1)
    await reporter.setStatuses(forge, [{ sha, status: status("failure") }], signal);
  expect(refusals.map(({ code }) => code)).toEqual(["ForgeRefused"]);
  expect(at.asked).toEqual(["get", "failure"]);
});

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import { localGit } from "./git.ts";

const said = `remote: GL-HOOK-ERR: main is protected
To https://bot:hunter2@git.example.com/acme/fleet.git
 ! [remote rejected] main -> main (pre-receive hook declined)
hint: Updates were rejected because of a rule.
error: failed to push some refs to 'https://bot:hunter2@git.example.com/acme/fleet.git'
Please make sure you have the correct access rights
`;

test("what git says is told without its advice and without what a setting put into the address", async () => {
  const dir = await mkdtemp(join(tmpdir(), "mooring-git-"));
  try {
    await writeFile(join(dir, "git"), `#!/bin/sh\ncat >&2 <<'END'\n${said}END\nexit 1\n`);
    await chmod(join(dir, "git"), 0o755);
    const env = { PATH: `${dir}:/usr/bin:/bin` };
    const git = localGit({ dir, env, login: undefined, mayAsk: false }, new AbortController().signal);
    const failure: unknown = await git("push", "origin").catch((thrown: unknown) => thrown);
    if (!(failure instanceof Failure)) expect.unreachable();
    expect(failure.problems).toEqual([
      {
        message:
          "git push failed: remote: GL-HOOK-ERR: main is protected; ! [remote rejected] main -> main (pre-receive hook declined); failed to push some refs to 'https://git.example.com/acme/fleet.git'",
        hint: "may you push to this branch? Name another one with --branch, and merge it",
      },
    ]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

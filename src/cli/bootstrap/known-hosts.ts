import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { undefinedIfAbsent } from "../../model/absent.ts";
import { Failure } from "../../model/failure.ts";
import { type RepositoryUrl, type ShownHostKey, scanHostKey } from "../../source/index.ts";
import type { Context } from "../command/command.ts";
import { askYes } from "../print/ask.ts";
import { readNamed } from "../sealing/files/files.ts";

/**
 * What known_hosts is to hold for a repository's host: as it stands in the Secret where that is right already; else the line
 * of the key that the host shows, once a file of the user's vouches for it (the one named, or ~/.ssh/known_hosts), or the
 * person at the terminal. Nothing is trusted on first use. Throws `Failure` (SourceDenied, SourceUnreachable, UsageInvalid).
 */
export async function trustedHost(
  context: Context,
  url: RepositoryUrl,
  { file, before = "" }: { readonly file: string | undefined; readonly before: string | undefined },
): Promise<string> {
  const say = ({ type, fingerprint }: ShownHostKey) =>
    context.stdout.line(`${url.host} shows the key ${type} ${fingerprint}`);
  const known = await scanHostKey(url, before, context.signal);
  if (known.trust === "trusted") {
    say(known);
    return before;
  }
  const vouching = file === undefined ? await usualKnownHosts(context) : (await readNamed(context, file)).toString();
  const shown = await scanHostKey(url, `${vouching}\n${before}`, context.signal);
  say(shown);
  if (shown.trust === "trusted") return `${shown.line}\n`;
  if (shown.trust === "unknown" && (await confirmed(context, url, shown))) return `${shown.line}\n`;
  throw refusal(url, shown);
}

function usualKnownHosts({ env }: Pick<Context, "env">): Promise<string> {
  return readFile(join(env.HOME ?? homedir(), ".ssh", "known_hosts"), "utf8").catch(
    (thrown: unknown) => undefinedIfAbsent(thrown) ?? "",
  );
}

async function confirmed(context: Context, url: RepositoryUrl, shown: ShownHostKey): Promise<boolean> {
  if (!context.stderr.isTerminal) return false;
  return askYes(context, `Is ${shown.fingerprint} what ${url.host} publishes as its own?`);
}

function refusal(url: RepositoryUrl, { trust, type, fingerprint }: ShownHostKey): Failure {
  if (trust === "unknown") {
    const hint =
      "compare the fingerprint with the one that the host publishes, then name a file with its line by --known-hosts";
    return new Failure("SourceDenied", { message: `there is no known host key for ${url.host}`, hint });
  }
  const what = trust === "revoked" ? "that known_hosts revokes" : "that is not the one in known_hosts";
  return new Failure("SourceDenied", { message: `${url.host} shows a key ${what}: ${type} ${fingerprint}` });
}

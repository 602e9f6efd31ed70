import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../model/failure.ts";
import { type RepositoryUrl, type ShownHostKey, scanHostKey } from "../../source/index.ts";
import type { Context } from "../command.ts";
import { askYes } from "../print/ask.ts";
import { readNamed } from "../sealing/files.ts";

/**
 * The known_hosts line for a repository's host: of the key that it shows, once a file of the user's vouches for it (the one
 * named, or else ~/.ssh/known_hosts), the Secret that is there already, or the person at the terminal. Nothing is trusted
 * on first use. Throws `Failure` (SourceDenied, SourceUnreachable, UsageInvalid).
 */
export async function trustedHost(
  context: Context,
  url: RepositoryUrl,
  from: { readonly file: string | undefined; readonly before: string | undefined },
): Promise<string> {
  const vouching =
    from.file === undefined ? await usualKnownHosts(context) : (await readNamed(context, from.file)).toString();
  const shown = await scanHostKey(url, `${vouching}\n${from.before ?? ""}`, context.signal);
  context.stdout.write(`${url.host} shows the key ${shown.type} ${shown.fingerprint}\n`);
  if (shown.trust === "trusted") return `${shown.line}\n`;
  if (shown.trust === "unknown" && (await confirmed(context, url, shown))) return `${shown.line}\n`;
  throw refusal(url, shown);
}

function usualKnownHosts({ env }: Pick<Context, "env">): Promise<string> {
  return readFile(join(env.HOME ?? homedir(), ".ssh", "known_hosts"), "utf8").catch(() => "");
}

async function confirmed(context: Context, url: RepositoryUrl, shown: ShownHostKey): Promise<boolean> {
  if (!context.stderr.isTerminal) return false;
  return askYes(context, `Is ${shown.fingerprint} what ${url.host} publishes as its own?`);
}

function refusal(url: RepositoryUrl, { trust, type, fingerprint }: ShownHostKey): Failure {
  if (trust === "unknown") {
    const hint =
      "compare the fingerprint with the one that the host publishes, then name a file with its line by --known-hosts";
    return new Failure("SourceDenied", { message: `nothing vouches for the key of ${url.host}`, hint });
  }
  const what = trust === "revoked" ? "that known_hosts revokes" : "that is not the one in known_hosts";
  return new Failure("SourceDenied", { message: `${url.host} shows a key ${what}: ${type} ${fingerprint}` });
}

import { Failure } from "../../../model/failure.ts";
import type { BackupKey } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { readNamed } from "../files/files.ts";
import { onTerminal } from "../input/terminal.ts";
import { askTwice } from "../input/value-input.ts";

/** The flags that say what opens a backup. */
export const backupKeyFlags = {
  identity: { type: "list", short: "i", value: "FILE", summary: "File with the age identity that decrypts the backup" },
  "passphrase-file": {
    type: "string",
    value: "FILE",
    summary: "File with the passphrase; defaults to a hidden prompt",
  },
} as const;

type Flags = { readonly identity: readonly string[]; readonly "passphrase-file": string | undefined };

/** What opens a backup: identities, a passphrase of a file, or one that is asked for. */
export async function backupKey(context: Context, flags: Flags): Promise<BackupKey> {
  if (flags.identity.length > 0 && flags["passphrase-file"] !== undefined) {
    throw new Failure("UsageInvalid", { message: "--identity and --passphrase-file cannot be used together" });
  }
  if (flags.identity.length === 0) return { passphrase: await passphrase(context, flags["passphrase-file"]) };
  const identities: string[] = [];
  for (const file of flags.identity) {
    const lines = (await readNamed(context, file)).toString().split(/\r?\n/);
    identities.push(...lines.filter((line) => line.startsWith("AGE-SECRET-KEY-")));
  }
  if (identities.length > 0) return { identities };
  throw new Failure("UsageInvalid", { message: "no age identity (AGE-SECRET-KEY-1…) in the files of --identity" });
}

/** The passphrase of a new backup: a file's first line, or asked for twice. Throws `Failure` (UsageInvalid). */
export async function newPassphrase(context: Context, file: string | undefined): Promise<string> {
  return firstLine(file === undefined ? await askTwice(context, "New passphrase") : await readNamed(context, file));
}

/** The passphrase of a backup that is there: a file's first line, or asked for. Throws `Failure` (UsageInvalid). */
async function passphrase(context: Context, file: string | undefined): Promise<string> {
  const asked = () => onTerminal(context, (ask) => ask("Passphrase (not shown): "));
  return firstLine(file === undefined ? await asked() : await readNamed(context, file));
}

function firstLine(text: string | Buffer): string {
  const [first = ""] = text.toString().split(/\r?\n/);
  if (first !== "") return first;
  throw new Failure("UsageInvalid", { message: "the passphrase is empty" });
}

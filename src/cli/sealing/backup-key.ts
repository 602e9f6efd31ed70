import { Failure } from "../../model/failure.ts";
import type { BackupKey } from "../../seal/index.ts";
import type { Context } from "../command.ts";
import { readNamed } from "./files.ts";
import { askHidden } from "./hidden-prompt.ts";

/** The flags that say what opens a backup. */
export const backupKeyFlags = {
  identity: { type: "list", short: "i", value: "FILE", summary: "The age identity that opens the backup" },
  "passphrase-file": {
    type: "string",
    value: "FILE",
    summary: "The file that holds its passphrase; without any, a hidden prompt",
  },
} as const;

type Flags = { readonly identity: readonly string[]; readonly "passphrase-file": string | undefined };

/** What opens a backup: identities, a passphrase of a file, or one that is asked for. */
export async function backupKey(context: Context, flags: Flags): Promise<BackupKey> {
  if (flags.identity.length === 0) return { passphrase: await passphrase(context, flags["passphrase-file"]) };
  const identities: string[] = [];
  for (const file of flags.identity) {
    const lines = (await readNamed(context, file)).toString().split(/\r?\n/);
    identities.push(...lines.filter((line) => line.startsWith("AGE-SECRET-KEY-")));
  }
  if (identities.length > 0) return { identities };
  throw new Failure("UsageInvalid", { message: "no age identity (AGE-SECRET-KEY-1…) in the files of --identity" });
}

/** A passphrase of a file's first line, or asked for. */
export async function passphrase(context: Context, file: string | undefined): Promise<string> {
  const text =
    file === undefined ? await askHidden(context, "Passphrase (not shown): ") : await readNamed(context, file);
  const [first = ""] = text.toString().split(/\r?\n/);
  if (first !== "") return first;
  throw new Failure("UsageInvalid", { message: "the passphrase is empty" });
}

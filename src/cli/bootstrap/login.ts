import { Failure } from "../../model/failure.ts";
import type { Context } from "../command/command.ts";
import { readNamed } from "../sealing/files/files.ts";

/** A user name and a token for a repository over HTTP. Never printed. */
export interface Login {
  readonly username: string;
  readonly token: string;
}

/** Where the command line says that the token is; never the token itself, which everybody could see in a list of processes. */
export interface LoginFlags {
  readonly username: string;
  readonly "token-env": string | undefined;
  readonly "token-file": string | undefined;
}

/** Reads the token from the environment or a file; undefined where none is named. Throws `Failure` (UsageInvalid). */
export async function readLogin(
  context: Pick<Context, "cwd" | "env" | "stdin">,
  flags: LoginFlags,
): Promise<Login | undefined> {
  const { username, "token-env": variable, "token-file": file } = flags;
  if (variable === undefined && file === undefined) return undefined;
  if (variable !== undefined && file !== undefined) {
    throw new Failure("UsageInvalid", { message: "--token-env and --token-file cannot be used together" });
  }
  const text = variable === undefined ? await readNamed(context, file ?? "-") : (context.env[variable] ?? "");
  const token = text.toString().trim();
  if (token !== "") return { username, token };
  throw new Failure("UsageInvalid", { message: `${variable === undefined ? file : `$${variable}`} holds no token` });
}

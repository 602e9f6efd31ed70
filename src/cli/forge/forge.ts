import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ForgeSpec } from "../../api/forge.ts";
import type { Cluster } from "../../cluster/index.ts";
import { findSecret } from "../../environment/index.ts";
import { Failure } from "../../model/failure.ts";
import { createForge, type Forge, type ForgeAccess, forgeAccessFrom } from "../../promote/index.ts";
import type { Context, FlagValues } from "../command/command.ts";
import { programVersion } from "../version.ts";

/** Which forge, where nothing else says it, and the token for it. */
export const forgeFlags = {
  forge: {
    type: "string",
    value: "TYPE",
    choices: ["gitea", "github", "gitlab"],
    summary: "Type of forge; gitea includes Forgejo",
  },
  "forge-url": { type: "string", value: "URL", summary: "URL of the forge; defaults to github.com or gitlab.com" },
  repository: { type: "string", value: "OWNER/NAME", summary: "Repository on the forge" },
  "token-file": {
    type: "string",
    value: "FILE",
    summary: "File with the forge token; defaults to the environment variable MOORING_FORGE_TOKEN",
  },
} as const;

/** Their names. */
export const forgeFlagNames = ["forge", "forge-url", "repository", "token-file"] as const;

/** A forge as it is named, but for its token. */
export type NamedForge = Omit<ForgeSpec, "secretRef">;

/** The forge that the flags name; undefined where they name none. Throws `Failure` (UsageInvalid) for half of one. */
export function forgeOf(flags: FlagValues<typeof forgeFlags>): NamedForge | undefined {
  const { forge: type, repository, "forge-url": url } = flags;
  if (type === undefined && repository === undefined && url === undefined) return undefined;
  if (type !== undefined && repository !== undefined) {
    return { type, repository, ...(url === undefined ? {} : { url }) };
  }
  const hint = "for instance: --forge gitea --forge-url https://git.example.com --repository acme/environment";
  throw new Failure("UsageInvalid", { message: "--forge and --repository must be used together", hint });
}

/** The token that the surroundings give; undefined where they give none. Never from the command line, which others can read. */
export async function tokenFrom(
  { env, cwd }: Pick<Context, "env" | "cwd">,
  flags: FlagValues<typeof forgeFlags>,
): Promise<ForgeAccess | undefined> {
  const file = flags["token-file"];
  if (file === undefined) {
    const token = env.MOORING_FORGE_TOKEN?.trim() ?? "";
    return token === "" ? undefined : { token };
  }
  const text = await readFile(resolve(cwd, file), "utf8").catch((cause: unknown) => {
    throw new Failure("UsageInvalid", { message: `--token-file: ${file} cannot be read` }, { cause });
  });
  if (text.trim() !== "") return { token: text.trim() };
  throw new Failure("UsageInvalid", { message: `--token-file: ${file} is empty` });
}

/** The token in the Secret that a spec names; undefined where there is none, or whoever asks may not read it. */
export async function tokenOfCluster(
  cluster: Cluster,
  namespace: string,
  named: Pick<ForgeSpec, "secretRef"> | undefined,
  signal: AbortSignal,
): Promise<ForgeAccess | undefined> {
  if (named === undefined) return undefined;
  const { name } = named.secretRef;
  try {
    const secret = await findSecret(cluster, { namespace, name }, signal);
    return secret === undefined ? undefined : forgeAccessFrom(secret);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "Forbidden") return undefined;
    throw thrown;
  }
}

/** Nothing gives a token. */
export function noToken(): Failure {
  const hint = "set MOORING_FORGE_TOKEN, or use --token-file";
  return new Failure("UsageInvalid", { message: "there is no token for the forge", hint });
}

/** Opens it. Throws `Failure` (SpecInvalid). */
export async function openForge(forge: NamedForge, access: ForgeAccess): Promise<Forge> {
  return createForge({ ...forge, access, userAgent: `mooring/${programVersion}` });
}

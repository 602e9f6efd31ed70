import { Failure } from "../../model/failure.ts";
import type { Context, FlagValues } from "../command/command.ts";
import { type forgeFlags, forgeOf, type NamedForge, noToken, openForge, tokenFrom } from "./forge.ts";

/** What a command line may say of a pull request that CI says by itself. */
export type CommentFlags = FlagValues<typeof forgeFlags> & { readonly "pull-request": string | undefined };

/**
 * Makes the comment with this marker say the body; answers with what was done, in a sentence. Forge, repository, pull
 * request and token come from the flags or, failing that, from the variables of CI. Throws `Failure` (UsageInvalid)
 * where something is not known, and as `Forge` does.
 */
export async function comment(
  context: Pick<Context, "env" | "cwd" | "signal"> & { readonly flags: CommentFlags },
  marker: string,
  body: string,
): Promise<string> {
  const { env, flags, signal } = context;
  const run = runOf(env);
  const named = forgeOf(flags) ?? run?.forge;
  const number = numberOf(flags["pull-request"]) ?? run?.number;
  if (named === undefined || number === undefined) throw unknown(named === undefined ? "forge" : "pull request");
  const access = (await tokenFrom(context, flags)) ?? tokenOfRun(env);
  if (access === undefined) throw noToken();
  const forge = await openForge(named, access);
  try {
    await forge.upsertComment(number, marker, body, signal);
  } finally {
    await forge.close();
  }
  return `commented on #${number} of ${named.repository}`;
}

/** What CI runs for. */
interface Run {
  readonly forge: NamedForge;
  readonly number: number | undefined;
}

type Env = Context["env"];

/**
 * What the variables of CI say. Upstream: https://docs.gitlab.com/ci/variables/predefined_variables/,
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables; Gitea Actions sets those of GitHub, and
 * GITEA_ACTIONS.
 */
function runOf(env: Env): Run | undefined {
  if (env.GITLAB_CI === "true" && env.CI_PROJECT_PATH !== undefined) {
    const url = env.CI_SERVER_URL === undefined ? {} : { url: env.CI_SERVER_URL };
    return {
      forge: { type: "gitlab", repository: env.CI_PROJECT_PATH, ...url },
      number: numberOf(env.CI_MERGE_REQUEST_IID),
    };
  }
  if (env.GITHUB_ACTIONS !== "true" && env.GITEA_ACTIONS !== "true") return undefined;
  const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server, GITHUB_REF: ref = "" } = env;
  if (repository === undefined) return undefined;
  const type = env.GITEA_ACTIONS === "true" ? "gitea" : "github";
  const url = server === undefined ? {} : { url: server };
  return { forge: { type, repository, ...url }, number: numberOf(/^refs\/pull\/(\d+)\//.exec(ref)?.[1]) };
}

/** CI hides its tokens behind names of its own. GitLab's job token may not comment. */
function tokenOfRun(env: Env): { readonly token: string } | undefined {
  const token = env.GITLAB_CI === "true" ? env.GITLAB_TOKEN : (env.GITEA_TOKEN ?? env.GITHUB_TOKEN);
  return token === undefined || token === "" ? undefined : { token };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function unknown(what: "forge" | "pull request"): Failure {
  const hint =
    what === "forge"
      ? "outside CI, name it with --forge, --forge-url and --repository"
      : "outside the CI of a pull request, name it with --pull-request";
  return new Failure("UsageInvalid", { message: `--comment: the ${what} is unknown`, hint });
}

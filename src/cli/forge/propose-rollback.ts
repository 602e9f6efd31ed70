import type { Environment } from "../../api/environment/environment.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { parseRevision } from "../../model/revision.ts";
import { proposeRestoration } from "../../promote/index.ts";
import { openRemote } from "../../source/index.ts";
import type { Context, FlagValues } from "../command/command.ts";
import { programVersion } from "../version.ts";
import { type forgeFlags, forgeOf, noToken, openForge, tokenFrom, tokenOfCluster } from "./forge.ts";

/** `mooring rollback NAME --pr`: opens or renews the pull request, prints its URL, and answers with the exit code. */
export async function proposeRollback(
  context: Pick<Context, "env" | "cwd" | "signal" | "stdout" | "now"> & {
    readonly flags: FlagValues<typeof forgeFlags>;
  },
  cluster: Cluster,
  environment: Environment,
  revision: string,
): Promise<number> {
  const { flags, signal, stdout, now } = context;
  const { metadata, spec } = environment;
  const written = forgeOf(flags);
  const named = written ?? spec.forge;
  if (named === undefined) throw noForge(environment);
  // A token of the cluster is for the forge that the cluster names, and for no other.
  const ofCluster = written === undefined ? spec.forge : undefined;
  const access =
    (await tokenFrom(context, flags)) ?? (await tokenOfCluster(cluster, metadata.namespace, ofCluster, signal));
  if (access === undefined) throw noToken();
  const branch = branchOf(environment);
  const filesOf = parseRevision(revision)?.commit ?? "";
  const forge = await openForge(named, access);
  const remote = openRemote(forge.git.url, forge.git.credentials, { userAgent: `mooring/${programVersion}` });
  try {
    const onto = await forge.branchHead(branch, signal);
    if (onto === undefined)
      throw new Failure("RefNotFound", { message: `${named.repository} has no branch ${branch}` });
    if (onto === filesOf) {
      stdout.line(`${branch} is at ${filesOf.slice(0, 7)} already`);
      return 0;
    }
    const words = wordsOf(environment, filesOf, onto);
    const where = { branch, head: `mooring/restore-${branch}-${filesOf.slice(0, 7)}`, onto, filesOf, date: now() };
    const request = await proposeRestoration({ ...where, ...words }, { forge, remote }, signal);
    stdout.line(request.url);
    return 0;
  } finally {
    await Promise.all([forge.close(), remote.close()]);
  }
}

function wordsOf({ metadata }: Environment, filesOf: string, onto: string) {
  const title = `Go back to ${filesOf.slice(0, 7)} in ${metadata.name}`;
  const body = `Brings the files of ${filesOf} back, on top of ${onto}, in one commit. Asked for with \`mooring rollback ${metadata.name} --pr\`.`;
  return { title, body };
}

/** The branch that the Environment follows, as its spec or its newest revision names it. */
function branchOf({ metadata, spec, status }: Environment): string {
  const { branch, ...others } = spec.source.ref ?? {};
  const newest = parseRevision(status.lastAttemptedRevision ?? "")?.ref ?? "";
  const followed = branch ?? (Object.keys(others).length === 0 && newest !== "HEAD" ? newest : "");
  if (followed !== "") return followed;
  throw new Failure("UsageInvalid", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    message: "does not follow a branch, so there is no branch to restore",
  });
}

function noForge({ metadata }: Environment): Failure {
  return new Failure("UsageInvalid", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    field: "spec.forge",
    message: "does not name a forge",
    hint: "set it there, or use --forge and --repository",
  });
}

import type { Environment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { environmentAnnotations } from "../../../api/names.ts";
import { Failure } from "../../../model/failure.ts";
import { parseRevision, shortRevision } from "../../../model/revision.ts";
import { defineCommand } from "../../command/command.ts";
import {
  asArgument,
  environmentRef,
  findEnvironment,
  namespaceOf,
  withCluster,
} from "../../environment/environments.ts";
import { reportOutcome } from "../../environment/request.ts";
import { forgeFlagNames, forgeFlags } from "../../forge/forge.ts";
import { proposeRollback } from "../../forge/propose-rollback.ts";

/** `mooring rollback NAME`. */
export const rollback = defineCommand({
  description:
    "Rolls out an earlier revision like any other: it is planned, its health is checked, and it is held if it would delete too much. The schedule does not apply. The Environment stays pinned to that revision, whatever is pushed, until mooring resume. Waits for the outcome; the exit code is 0 if the Environment becomes ready. With --pr, nothing is rolled out: a pull request is opened on the forge from the Environment's spec or the flags, and its URL is printed.",
  arguments: { name: { names: "object", summary: "The Environment" } },
  flags: {
    to: {
      type: "string",
      value: "REVISION",
      summary:
        "Revision from mooring history, the first characters of its commit, or any full commit; defaults to the last successful revision before the current one",
    },
    force: { type: "boolean", summary: "Roll out a revision even if its last rollout failed" },
    pr: {
      type: "boolean",
      summary: "Only open a pull request that restores the revision's files in one new commit",
    },
    ...forgeFlags,
    timeout: { type: "duration", default: "10m", summary: "How long to wait for the outcome" },
  },
  idle: [
    { beside: "pr", flags: ["timeout"], why: "nothing is rolled out, so there is nothing to wait for" },
    { without: "pr", flags: forgeFlagNames, why: "no forge is needed" },
    { without: "to", flags: ["force"], why: "a revision that succeeded needs no --force" },
  ],
  examples: [
    { text: "Roll back to the previous revision", line: "mooring rollback production" },
    { text: "Roll back to a specific commit", line: "mooring rollback production --to 3f5a0c9" },
    { text: "Follow the branch again", line: "mooring resume production" },
    { text: "Roll back in Git, with a pull request", line: "mooring rollback production --to 3f5a0c9 --pr" },
  ],
  async run(context) {
    const { flags, stdout, signal } = context;
    const { name } = context.arguments;
    return withCluster(context, async (cluster) => {
      const namespace = namespaceOf(context, cluster);
      const environment = await findEnvironment(cluster, { namespace, name }, signal);
      const revision = flags.to === undefined ? previous(environment) : named(environment, flags.to);
      if (!flags.force) refuseFailed(environment, revision);
      if (flags.pr) return proposeRollback(context, cluster, environment, revision);
      refuseSuspended(environment);
      const at = context.now().toISOString();
      const annotations = { [environmentAnnotations.pin]: revision, [environmentAnnotations.requestedAt]: at };
      const patch = { type: "merge", body: { metadata: { annotations } } } as const;
      await cluster.patch(environmentRef(namespace, name), patch, { fieldManager: "mooring-cli" }, signal);
      stdout.line(
        `environment/${name} pinned to ${shortRevision(revision)} until mooring resume ${asArgument({ namespace, name })}`,
      );
      return reportOutcome(context, cluster, { namespace, name, at, timeoutMs: flags.timeout });
    });
  },
});

/** The last revision that succeeded, not only at an earlier try, and is another commit than the one in the cluster. */
function previous({ metadata, status }: Environment): string {
  const present = parseRevision(status.lastAppliedRevision ?? "")?.commit;
  const found = (status.history ?? []).find(({ outcome, revision }) => {
    const commit = parseRevision(revision)?.commit;
    return outcome === "Succeeded" && commit !== present && howItFailed(status, commit) === undefined;
  });
  if (found !== undefined) return found.revision;
  throw new Failure("NotFound", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    message: "its history has no earlier successful revision",
    hint: "use --to with a commit",
  });
}

function named({ metadata, status }: Environment, text: string): string {
  const wanted = text.replace(/^(?:.*@)?sha1:/, "");
  const known = (status.history ?? []).map(({ revision }) => revision);
  const fitting = known.filter(
    (revision) => wanted !== "" && parseRevision(revision)?.commit.startsWith(wanted) === true,
  );
  const commits = new Set(fitting.map((revision) => parseRevision(revision)?.commit));
  const [first] = fitting;
  if (first !== undefined && commits.size === 1) return first;
  if (/^[0-9a-f]{40}$/.test(wanted)) return `sha1:${wanted}`;
  throw new Failure("NotFound", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    message: `${commits.size === 0 ? "no revision" : "more than one revision"} of its history begins with ${text}`,
    hint: `list them with mooring history ${asArgument(metadata)}, or give a full commit`,
  });
}

/** What came of a commit when it was tried last, where that was no success. */
function howItFailed({ history, failedRevision, failedReason }: EnvironmentStatus, commit: string | undefined) {
  const last = (history ?? []).find(({ revision }) => parseRevision(revision)?.commit === commit);
  if (last !== undefined) return last.outcome === "Succeeded" ? undefined : { how: last.outcome, why: last.message };
  const failed = commit !== undefined && parseRevision(failedRevision ?? "")?.commit === commit;
  return failed ? { how: failedReason ?? "Failed", why: undefined } : undefined;
}

function refuseFailed({ metadata, status }: Environment, revision: string): void {
  const failed = howItFailed(status, parseRevision(revision)?.commit ?? revision.replace(/^sha1:/, ""));
  if (failed === undefined) return;
  const why = failed.why === undefined ? "" : `: ${failed.why}`;
  throw new Failure("UsageInvalid", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    message: `revision ${shortRevision(revision)} ended as ${failed.how} when it was rolled out last${why}`,
    hint: `choose another revision from mooring history ${asArgument(metadata)}, or use --force`,
  });
}

function refuseSuspended({ metadata, spec }: Environment): void {
  if (!spec.suspend) return;
  throw new Failure("UsageInvalid", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    message: "is suspended",
    hint: `resume it with mooring resume ${asArgument(metadata)}`,
  });
}

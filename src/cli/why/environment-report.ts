import { type Condition, conditionOf } from "../../api/conditions.ts";
import { type Environment, stagesOf } from "../../api/environment/environment.ts";
import type { StatusProblem } from "../../api/environment/environment-status.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { describeId } from "../../model/object-id.ts";
import { plainPath } from "../../model/path.ts";
import { shortRevision } from "../../model/revision.ts";
import { asArgument } from "../environment/environments.ts";
import { type Commit, commitOf } from "./commit.ts";
import { examine, type Ill, wordsOf } from "./judge.ts";
import { nextStep } from "./next-step.ts";
import { findPlace, type Place } from "./place.ts";
import { seeAlso } from "./see-also.ts";

/** One thing that is in the way, with the way from the repository to it. */
export interface Blocker extends Partial<Omit<Place, "revision">> {
  readonly object?: string;
  readonly field?: string;
  /** The stage whose folder it comes from, where the Environment has stages. */
  readonly stage?: string;
  readonly message: string;
  readonly hint?: string;
  /** What the container logged last, as the agent read it. */
  readonly logs?: readonly string[];
  /** The command that shows more. */
  readonly see?: string;
}

/** Why an Environment is as it is. */
export interface EnvironmentReport {
  readonly environment: string;
  readonly ready: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  /** RFC 3339; absent where no agent has reconciled it yet. */
  readonly since?: string;
  /** The revision that `ready` speaks of; absent where an error keeps it from being known. */
  readonly commit?: Commit;
  readonly lastHealthyRevision?: string;
  /** What was wrong with the revision that failed, or the error that stands in the way. */
  readonly problems: readonly Blocker[];
  /** What is not healthy now; absent where it cannot be told, which `unknown` says. */
  readonly ill?: readonly Blocker[];
  readonly objects: number;
  readonly unknown?: string;
  /** What else holds it: a plan, the schedule, drift, somebody. */
  readonly also: readonly string[];
  readonly next: string;
}

/** What a report is made from. */
export interface Asking {
  readonly cluster: Cluster;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** Finds out why an Environment is as it is: what its status says, and how its objects are at this moment. */
export async function reportEnvironment(asking: Asking, environment: Environment): Promise<EnvironmentReport> {
  const { metadata, status, spec } = environment;
  const ready = conditionOf(environment.status, "Ready");
  const problems = problemsInTheWay(environment, ready);
  const revision = revisionInQuestion(environment, ready);
  const now = await present(asking, environment);
  const { lastHealthyRevision } = status;
  return {
    environment: `${metadata.namespace}/${metadata.name}`,
    ready: ready?.status ?? "Unknown",
    reason: ready?.reason ?? "",
    message: ready?.message ?? "no agent has reconciled it yet",
    ...(ready === undefined ? {} : { since: ready.lastTransitionTime }),
    ...(revision === undefined ? {} : { commit: await commitOf(revision, asking.cwd) }),
    ...(lastHealthyRevision === undefined ? {} : { lastHealthyRevision }),
    problems: problems.map((problem) => blockerOf(environment, problem)),
    objects: status.inventory?.entries.length ?? 0,
    ...now,
    also: alsoHolding(environment),
    next: spec.suspend
      ? `continue with: mooring resume ${asArgument(metadata)}`
      : ready === undefined
        ? "see whether the agent runs: kubectl -n mooring-system get pods"
        : nextStep(ready.reason, metadata.name),
  };
}

/** Those of an error that came in between go first: it is what Ready speaks of. */
function problemsInTheWay({ status }: Environment, ready: Condition | undefined): readonly StatusProblem[] {
  if (ready?.status === "True") return [];
  if (status.problems !== undefined) return status.problems;
  const failed = ready?.reason === status.failedReason || status.attempt?.failed !== undefined;
  return failed ? (status.failedProblems ?? []) : [];
}

/** An error before anything was fetched is about no commit, unless about one that was refused by its signature. */
function revisionInQuestion({ status }: Environment, ready: Condition | undefined): string | undefined {
  if (status.attempt !== undefined) return status.attempt.revision;
  if (ready?.status === "True") return status.lastAppliedRevision;
  if (status.problems !== undefined && beforeAnyRevision.has(ready?.reason ?? "")) return status.refusedRevision;
  if (status.problems !== undefined) return status.lastAttemptedRevision;
  return ready?.reason === status.failedReason ? status.failedRevision : status.lastAttemptedRevision;
}

const beforeAnyRevision: ReadonlySet<string> = new Set(["SpecInvalid", "SourceFailed"]);

function blockerOf(environment: Environment, { chain, logs, ...problem }: StatusProblem): Blocker {
  const stage = stageOf(environment, { file: problem.file ?? "", ...(chain === undefined ? {} : { chain }) });
  return {
    ...problem,
    ...(chain === undefined ? {} : { chain }),
    ...(logs === undefined ? {} : { logs }),
    ...(stage === undefined ? {} : { stage }),
  };
}

/** The stage whose folder the outermost kustomization, or the file itself, is in; the innermost where folders contain each other. */
function stageOf({ spec }: Environment, { file, chain = [] }: Pick<Place, "file" | "chain">): string | undefined {
  const start = chain[0] ?? file;
  const inside = stagesOf(spec).filter(({ name, path }) => {
    const folder = plainPath(path);
    return name !== "" && (folder === "" || start.startsWith(`${folder}/`));
  });
  return inside.sort((a, b) => b.path.length - a.path.length)[0]?.name;
}

/** How the objects are now, for whoever may look. */
async function present(
  { cluster, cwd, signal }: Asking,
  environment: Environment,
): Promise<Pick<EnvironmentReport, "ill" | "unknown">> {
  const { kubeConfig } = environment.spec;
  if (kubeConfig !== undefined) {
    return {
      unknown: `the objects are in another cluster, whose kubeconfig is in Secret ${kubeConfig.secretRef.name}`,
    };
  }
  try {
    const { ill } = await examine(cluster, environment, signal);
    const places = await Promise.all(ill.map(({ id }) => findPlace({ cluster, environment, cwd, signal }, id)));
    return { ill: ill.map((each, index) => illBlocker(environment, each, places[index])) };
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "Forbidden") return { unknown: thrown.message };
    throw thrown;
  }
}

function illBlocker(environment: Environment, { id, verdict }: Ill, place: Place | undefined): Blocker {
  const { revision: _revision, ...where } = place ?? {};
  const stage = place === undefined ? undefined : stageOf(environment, place);
  const see = seeAlso(id, verdict);
  return {
    object: describeId(id),
    ...where,
    ...(stage === undefined ? {} : { stage }),
    message: wordsOf(verdict),
    ...(see === undefined ? {} : { see }),
  };
}

function alsoHolding(environment: Environment): readonly string[] {
  const { spec, metadata, status } = environment;
  const held = conditionOf(environment.status, "Held");
  const drifted = conditionOf(environment.status, "Drifted");
  const source = conditionOf(environment.status, "SourceReady");
  const refused = status.refusedRevision;
  const stale = status.observedGeneration !== undefined && status.observedGeneration !== metadata.generation;
  return [
    ...(spec.suspend ? ["it is suspended: Mooring leaves it alone"] : []),
    ...(stale && !spec.suspend ? ["its spec was edited, and the agent has not reconciled that yet"] : []),
    ...(held?.status === "True" && held.reason !== "DeletionHeld" ? [held.message] : []),
    ...(refused === undefined ? [] : [`revision ${shortRevision(refused)} is refused: ${source?.message ?? ""}`]),
    ...(drifted?.status === "True" ? [drifted.message] : []),
  ];
}

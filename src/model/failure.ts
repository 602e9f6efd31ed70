import { continued, onOneLine } from "./text/visible.ts";

/** Every way in which Mooring can fail. `failureClasses` says what each one means; leaving one out does not compile. */
export type FailureCode =
  // source
  | "SourceUnreachable"
  | "SourceDenied"
  | "RefNotFound"
  | "SourceInvalid"
  | "SignatureMissing"
  | "SignerUnknown"
  | "SignatureInvalid"
  // render
  | "PathNotFound"
  | "PathEscapes"
  | "YamlInvalid"
  | "KustomizationInvalid"
  | "RenderFailed"
  | "DuplicateObject"
  | "InputTooLarge"
  | "TooExpensive"
  // seal
  | "SealInvalid"
  | "UnsealFailed"
  | "CertificateInvalid"
  // cluster
  | "ClusterUnreachable"
  | "ClusterBusy"
  | "Forbidden"
  | "Unauthorized"
  | "KindUnknown"
  | "ObjectInvalid"
  | "FieldImmutable"
  | "AdmissionDenied"
  | "QuotaExceeded"
  | "Conflict"
  | "NotFound"
  | "OwnedByAnother"
  // promote
  | "ForgeUnreachable"
  | "ForgeBusy"
  | "ForgeDenied"
  | "ForgeRefused"
  // rollout
  | "HealthFailed"
  | "HealthTimeout"
  | "PlanHeld"
  | "SnapshotInvalid"
  | "DependencyNotReady"
  | "SpecInvalid"
  | "Interrupted"
  // program
  | "UsageInvalid"
  | "DigestChanged"
  | "ToolMissing"
  | "Bug";

/**
 * What a code means for the one who waits: `never` = only a new commit or an edited spec can help; `backoff` = try again,
 * with growing pauses; `interval` = try again at the retry interval; `wait` = something watched will trigger it.
 */
export interface FailureClass {
  readonly retry: "never" | "backoff" | "interval" | "wait";
  /** `failure`: the revision is bad. `error`: the world around it is; an error never rolls back. */
  readonly nature: "failure" | "error";
}

const failure = (retry: FailureClass["retry"]): FailureClass => ({ retry, nature: "failure" });
const error = (retry: FailureClass["retry"]): FailureClass => ({ retry, nature: "error" });

/** The class of every code: the single place that decides about retry and rollback. */
export const failureClasses: Readonly<Record<FailureCode, FailureClass>> = {
  SourceUnreachable: error("backoff"),
  SourceDenied: error("interval"),
  RefNotFound: error("interval"),
  SourceInvalid: error("interval"),
  SignatureMissing: failure("interval"),
  SignerUnknown: failure("interval"),
  SignatureInvalid: failure("interval"),
  PathNotFound: failure("never"),
  PathEscapes: failure("never"),
  YamlInvalid: failure("never"),
  KustomizationInvalid: failure("never"),
  RenderFailed: failure("never"),
  DuplicateObject: failure("never"),
  InputTooLarge: failure("never"),
  // How fast a machine is says nothing against a revision.
  TooExpensive: error("interval"),
  SealInvalid: failure("never"),
  UnsealFailed: failure("interval"),
  CertificateInvalid: error("interval"),
  ClusterUnreachable: error("backoff"),
  ClusterBusy: error("backoff"),
  Forbidden: error("interval"),
  Unauthorized: error("interval"),
  KindUnknown: failure("interval"),
  ObjectInvalid: failure("interval"),
  FieldImmutable: failure("interval"),
  AdmissionDenied: failure("interval"),
  QuotaExceeded: failure("interval"),
  Conflict: error("backoff"),
  NotFound: error("interval"),
  OwnedByAnother: failure("interval"),
  ForgeUnreachable: error("backoff"),
  ForgeBusy: error("backoff"),
  ForgeDenied: error("interval"),
  ForgeRefused: error("interval"),
  HealthFailed: failure("never"),
  HealthTimeout: failure("never"),
  PlanHeld: error("wait"),
  SnapshotInvalid: error("interval"),
  DependencyNotReady: error("wait"),
  SpecInvalid: error("wait"),
  Interrupted: error("wait"),
  UsageInvalid: error("never"),
  DigestChanged: error("never"),
  ToolMissing: error("never"),
  Bug: error("backoff"),
};

/** One thing that is wrong, with all that is known of where. Never holds a Secret's value or a credential. */
export interface Problem {
  /** What is wrong, one sentence without a final full stop. */
  readonly message: string;
  /** Relative to the root of the tree. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** `Deployment/shop/web`. */
  readonly object?: string;
  /** The field, as a path people read: `spec.template.spec.containers[0].image`. */
  readonly field?: string;
  /** The kustomizations that led to the file, outermost first. */
  readonly chain?: readonly string[];
  /** What to do about it. */
  readonly hint?: string;
  /** The last lines that the program in question logged, oldest first, with values of Secrets masked. */
  readonly logs?: readonly string[];
}

/** The one error of this program: a code, and one or more problems gathered before giving up. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly problems: readonly Problem[];
  /** When to try again, where the other side said so. */
  readonly retryAt: Date | undefined;
  /** The revision that was refused unseen, formatted. */
  readonly refused: string | undefined;
  /** The same without a server's words, which may quote values. */
  readonly #discreet: Failure | undefined;

  constructor(code: FailureCode, problems: Problem | readonly Problem[], options?: FailureOptions) {
    const list: readonly Problem[] = "message" in problems ? [problems] : problems;
    super(list.map(describeProblem).join("\n"), options);
    this.name = "Failure";
    this.code = code;
    this.problems = list;
    this.retryAt = options?.retryAt;
    this.refused = options?.refused;
    this.#discreet = options?.discreet;
  }

  /** What may be said where it is about an object whose values nobody may see. */
  get discreet(): Failure {
    return this.#discreet ?? this;
  }
}

/** What else there is to a failure. */
export interface FailureOptions {
  readonly cause?: unknown;
  readonly retryAt?: Date;
  readonly refused?: string;
  readonly discreet?: Failure;
}

/** So much of a last log line stands in a message; all of it is in the problem. */
const quotedLength = 160;

/**
 * `overlays/prod/kustomization.yaml:12:3: Deployment/shop/web: spec.replicas: must be a number (hint)`, with the last line
 * of a log at the end, where there is one that the message does not quote already. It is on one line, whatever names are
 * in it; a message of several lines has its others set off.
 */
export function describeProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.file === undefined ? undefined : problem.column]
    .filter((part) => part !== undefined)
    .join(":");
  const where = [place, problem.object ?? "", problem.field ?? ""].filter((part) => part !== "").map(onOneLine);
  const hint = problem.hint === undefined ? "" : ` (${problem.hint})`;
  const what = continued(`${problem.message}${hint}`);
  return `${[...where, what].join(": ")}${lastWords(problem)}`;
}

function lastWords({ message, logs = [] }: Problem): string {
  const last = logs.at(-1);
  if (last === undefined || message.includes(last)) return "";
  return `; its log ends: ${onOneLine(last.length > quotedLength ? `${last.slice(0, quotedLength - 1)}…` : last)}`;
}

/**
 * A failure of whatever was thrown; what is not a `Failure` is a bug in this program and says so. Its own message stays in
 * the cause: it may quote what it was about, and that may be a Secret.
 */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const what = thrown instanceof Error ? thrown.name : typeof thrown;
  const hint = "this is a bug in mooring: please report it";
  return new Failure("Bug", { message: `internal error (${what})`, hint }, { cause: thrown });
}

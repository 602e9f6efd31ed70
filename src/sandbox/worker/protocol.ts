import { Failure, type FailureCode, failureClasses, type Problem, toFailure } from "../../model/failure.ts";
import type { TreeEntry } from "../../model/file-tree.ts";
import { isObject } from "../../model/json/json.ts";
import type { Task } from "./tasks.ts";

/** A `Failure` on its way between two processes: its code and its problems, and nothing of what caused it. */
export interface WireFailure {
  readonly code: FailureCode;
  readonly problems: readonly Problem[];
}

/** What a worker asks of the tree that its task is about. */
export interface TreeQuestion {
  readonly about: "look" | "read" | "list";
  readonly path: string;
}

/** What stands at a path, and for a folder that is not too large all that is in it, so that it need not be asked for. */
export interface Look {
  readonly entry: TreeEntry | undefined;
  readonly within?: readonly (readonly [name: string, entry: TreeEntry])[];
}

/** The answer to a question: a look, the bytes of a file, or the names in a folder. */
export type TreeAnswer = Look | Uint8Array | readonly string[];

/** What a worker is told: one task at a time, and the answers to its questions. */
export type ToWorker =
  | { readonly type: "task"; readonly task: Task }
  | { readonly type: "answer"; readonly id: number; readonly answer: TreeAnswer }
  | { readonly type: "noAnswer"; readonly id: number; readonly failure: WireFailure };

/** What a worker tells: that it is there, what it asks, and what a task came to, part by part. */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "question"; readonly id: number; readonly question: TreeQuestion }
  | { readonly type: "part"; readonly part: unknown }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly failure: WireFailure };

/** What is sent of what was thrown. What is no `Failure` is a bug, and its message stays where it was thrown. */
export function toWire(thrown: unknown): WireFailure {
  const { code, problems } = toFailure(thrown);
  return { code, problems };
}

/** So many problems of a worker are taken, and so much of each text. */
const mostProblems = 500;
const longestText = 4_000;

/** The failure that was sent, narrowed: whatever else a worker may say, it is a code and problems. */
export function fromWire(value: unknown): Failure {
  if (!isObject(value) || !isCode(value.code) || !Array.isArray(value.problems)) return garbled();
  const problems = value.problems.slice(0, mostProblems).flatMap(problemOf);
  return problems.length === 0 ? garbled() : new Failure(value.code, problems);
}

/** A worker said something that is no word of the language it is spoken to in. */
export function garbled(): Failure {
  const hint = "this is a bug in mooring: please report it";
  return new Failure("Bug", { message: "a sandbox worker sent an invalid message", hint });
}

function isCode(value: unknown): value is FailureCode {
  return typeof value === "string" && Object.hasOwn(failureClasses, value);
}

function problemOf(value: unknown): readonly Problem[] {
  if (!isObject(value) || typeof value.message !== "string") return [];
  const text = (name: "file" | "object" | "field" | "hint") => {
    const found = value[name];
    return typeof found === "string" ? { [name]: shortened(found) } : {};
  };
  const whole = (name: "line" | "column") => {
    const found = value[name];
    return typeof found === "number" ? { [name]: found } : {};
  };
  const texts = (name: "chain" | "logs") => {
    const found = value[name];
    if (!Array.isArray(found)) return {};
    return { [name]: found.filter((each) => typeof each === "string").map(shortened) };
  };
  const place = { ...text("file"), ...whole("line"), ...whole("column"), ...text("object"), ...text("field") };
  return [{ message: shortened(value.message), ...place, ...text("hint"), ...texts("chain"), ...texts("logs") }];
}

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}

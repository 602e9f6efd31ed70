import { Failure, type FailureCode, failureClasses, type Problem, toFailure } from "../../model/failure.ts";
import type { TreeEntry } from "../../model/file-tree.ts";
import { isObject } from "../../model/json/json.ts";
import type { Task } from "./tasks.ts";

/** A `Failure` on its way between two processes: its code and its problems, and nothing of what caused it. */
export interface WireFailure {
  readonly code: FailureCode;
  readonly problems: readonly Problem[];
}

/** A query of a worker about the tree of its task. */
export interface TreeQuery {
  readonly about: "entry" | "read" | "list";
  readonly path: string;
}

/** The entry at a path and, for a folder that is not too large, all its children, so that they need no queries. */
export interface EntryReply {
  readonly entry: TreeEntry | undefined;
  readonly children?: readonly (readonly [name: string, entry: TreeEntry])[];
}

/** The reply to a query: an entry, the bytes of a file, or the names in a folder. */
export type TreeReply = EntryReply | Uint8Array | readonly string[];

/** Messages to a worker: one task at a time, and the replies to its queries. */
export type ToWorker =
  | { readonly type: "task"; readonly task: Task }
  | { readonly type: "reply"; readonly id: number; readonly reply: TreeReply }
  | { readonly type: "noReply"; readonly id: number; readonly failure: WireFailure };

/** Messages of a worker: that it is ready, its queries, and the result of a task, part by part. */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "query"; readonly id: number; readonly query: TreeQuery }
  | { readonly type: "part"; readonly part: unknown }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly failure: WireFailure };

/** What is sent of an exception. Anything but a `Failure` is a bug, whose message stays in its process. */
export function toWire(thrown: unknown): WireFailure {
  const { code, problems } = toFailure(thrown);
  return { code, problems };
}

/** Limits on what a worker may send: problems, and characters of each text. */
const mostProblems = 500;
const longestText = 4_000;

/** The failure that was sent, narrowed: whatever else a worker may send, it is a code and problems. */
export function fromWire(value: unknown): Failure {
  if (!isObject(value) || !isCode(value.code) || !Array.isArray(value.problems)) return invalidMessage();
  const problems = value.problems.slice(0, mostProblems).flatMap(problemOf);
  return problems.length === 0 ? invalidMessage() : new Failure(value.code, problems);
}

/** The failure for a message that breaks the protocol. */
export function invalidMessage(): Failure {
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

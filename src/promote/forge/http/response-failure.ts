import { Failure, toFailure } from "../../../model/failure.ts";
import { numberAt, stringAt, valueAt } from "../../../model/json/json.ts";
import { oneLine } from "../../../model/text/one-line.ts";

/** What was asked, for messages: never with a query, which may hold anything. */
export interface RequestContext {
  readonly method: string;
  readonly url: string;
}

/** The failure of an answer that is no success. Holds the status for `statusOf`; says what the server says, cut short. */
export function responseFailure({ method, url }: RequestContext, status: number, body: Buffer): Failure {
  const { host, pathname } = new URL(url);
  const said = messageIn(body);
  const message = `${host} answers ${status} to ${method} ${pathname}${said === "" ? "" : `: ${said}`}`;
  const hint = hints[status];
  const problem = { message, ...(hint === undefined ? {} : { hint }) };
  return new Failure(codeOf(status), problem, { cause: { status } });
}

function codeOf(status: number) {
  if (status === 401 || status === 403) return "ForgeDenied" as const;
  if (status === 408 || status >= 500) return "ForgeUnreachable" as const;
  return "ForgeRefused" as const;
}

const hints: Readonly<Record<number, string>> = {
  301: "the repository was renamed: put the new name into spec.forge.repository",
  401: "the token is not accepted: has it expired, and is it for this forge?",
  403: "the token lacks a permission; docs/promotion.md lists those it needs",
  404: "check url and repository; forges also answer this for what the token may not see",
};

/** The status of the answer that a failure is about; undefined where it is about something else. */
export function statusOf(failure: Failure): number | undefined {
  return numberAt(failure.cause, "status");
}

/** What the promise comes to, or a fallback where the forge answers with one of these statuses. */
export async function unless<T>(statuses: readonly number[], work: Promise<T>): Promise<T | Failure> {
  return work.catch((thrown: unknown) => {
    const failure = forgeFailure(thrown);
    if (statuses.includes(statusOf(failure) ?? 0)) return failure;
    throw failure;
  });
}

/** The `Failure` of whatever a client library threw around it. */
export function forgeFailure(thrown: unknown): Failure {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof Failure) return error;
  }
  return toFailure(thrown);
}

/**
 * GitHub and Gitea say `message`; GitLab also `error`, and lists or objects in both. Empty where nothing of that can be read, as
 * from a proxy in between: the status is told in any case.
 */
function messageIn(body: Buffer): string {
  try {
    const answer: unknown = JSON.parse(body.toString());
    const said = stringAt(answer, "message") ?? stringAt(answer, "error") ?? valueAt(answer, "message") ?? "";
    const text = typeof said === "string" ? said : JSON.stringify(said);
    return oneLine(text);
  } catch {
    return "";
  }
}

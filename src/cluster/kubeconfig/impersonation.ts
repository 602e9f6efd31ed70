import { isObject, type Json, type JsonObject, valueAt } from "../../model/json/json.ts";
import type { Impersonation } from "../cluster.ts";

/** What is wrong with the impersonation of a user, and where. */
export interface ImpersonationProblem {
  readonly field: string;
  readonly problem: string;
}

/**
 * Whom a user of a kubeconfig says to act as: `as`, `as-uid`, `as-groups` and `as-user-extra`, as in kubectl; undefined where
 * that is nobody. What makes no sense is a problem: to pass it over would be to act as somebody else.
 */
export function impersonationOf(user: JsonObject | undefined): Impersonation | ImpersonationProblem | undefined {
  const [as, uid] = [valueAt(user, "as") ?? undefined, valueAt(user, "as-uid") ?? ""];
  const [groups, extra] = [textsOf(valueAt(user, "as-groups")), extraOf(valueAt(user, "as-user-extra"))];
  if (as !== undefined && typeof as !== "string") return { field: "as", problem: "is not a string" };
  if (typeof uid !== "string") return { field: "as-uid", problem: "is not a string" };
  if (groups === undefined) return { field: "as-groups", problem: "is not a list of strings" };
  if (extra === undefined) return { field: "as-user-extra", problem: "is not a map of lists of strings" };
  const [hasUid, hasExtra] = [uid !== "", Object.keys(extra).length > 0];
  if (as === undefined) {
    const hasMore = hasUid || groups.length > 0 || hasExtra;
    return hasMore ? { field: "as", problem: "is missing, which as-uid, as-groups and as-user-extra need" } : undefined;
  }
  return { user: as, groups, ...(hasUid ? { uid } : {}), ...(hasExtra ? { extra } : {}) };
}

/** Undefined where it is something else. */
function textsOf(value: Json | undefined): readonly string[] | undefined {
  const list = value ?? [];
  return Array.isArray(list) && list.every((each) => typeof each === "string") ? list : undefined;
}

function extraOf(value: Json | undefined): Impersonation["extra"] {
  const map = value ?? {};
  if (!isObject(map)) return undefined;
  const read = Object.entries(map).map(([key, each]) => [key, textsOf(each)] as const);
  const texts = read.flatMap(([key, each]) => (each === undefined ? [] : [[key, each] as const]));
  return texts.length === read.length ? Object.fromEntries(texts) : undefined;
}

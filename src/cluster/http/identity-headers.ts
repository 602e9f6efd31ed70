import { Failure } from "../../model/failure.ts";
import type { Impersonation } from "../cluster.ts";

/** Headers of a request. */
export type Headers = Readonly<Record<string, string | string[]>>;

/**
 * The headers that ask for an impersonation, as `client-go` sends them
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation). Throws `SpecInvalid` for what
 * cannot be sent as a header.
 */
export function identityHeaders(who: Impersonation | undefined): Headers {
  if (who === undefined) return {};
  const { user, uid, groups = [], extra = {} } = who;
  if (user === "" || ![user, uid ?? "", ...groups, ...Object.values(extra).flat()].every(isSendable)) {
    throw new Failure("SpecInvalid", { message: `cannot act as ${JSON.stringify(user)}: not a valid user name` });
  }
  return {
    "impersonate-user": user,
    ...(uid === undefined ? {} : { "impersonate-uid": uid }),
    ...(groups.length === 0 ? {} : { "impersonate-group": [...groups] }),
    ...Object.fromEntries(
      Object.entries(extra)
        .filter(([, values]) => values.length > 0)
        .map(([key, values]) => [`impersonate-extra-${escaped(key)}`, [...values]]),
    ),
  };
}

function isSendable(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value);
}

/** The bytes that no header's name may have, and `%`, percent-encoded: the API server decodes them (`headerKeyEscape` in client-go). */
function escaped(key: string): string {
  const legal = /^[!#$&'*+\-.^_`|~0-9A-Za-z]$/;
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return legal.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

import { describe, expect, test } from "vitest";
import type { Impersonation } from "../cluster.ts";
import { type Headers, identityHeaders } from "./identity-headers.ts";

// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
describe("an impersonation is sent as", () => {
  test.each<readonly [string, Impersonation | undefined, Headers]>([
    ["nothing where there is none", undefined, {}],
    ["a user", { user: "jane" }, { "impersonate-user": "jane" }],
    ["a user without groups", { user: "jane", groups: [] }, { "impersonate-user": "jane" }],
    [
      "one header for each group",
      { user: "jane", groups: ["ops", "dev"] },
      { "impersonate-user": "jane", "impersonate-group": ["ops", "dev"] },
    ],
    ["a uid", { user: "jane", uid: "06f6" }, { "impersonate-user": "jane", "impersonate-uid": "06f6" }],
    [
      "extra fields, in names that headers can have",
      { user: "jane", extra: { dn: ["cn=jane", "ou=x"], "acme.com/project": ["p"], "50%": ["v"], é: ["v"], none: [] } },
      {
        "impersonate-user": "jane",
        "impersonate-extra-dn": ["cn=jane", "ou=x"],
        "impersonate-extra-acme.com%2Fproject": ["p"],
        "impersonate-extra-50%25": ["v"],
        "impersonate-extra-%C3%A9": ["v"],
      },
    ],
  ])("%s", (_, who, headers) => {
    expect(identityHeaders(who)).toEqual(headers);
  });

  test.each<readonly [string, Impersonation]>([
    ["nobody", { user: "" }],
    ["a user with a line break", { user: "jane\r\nimpersonate-group: system:masters" }],
    ["a group beyond ASCII", { user: "jane", groups: ["équipe"] }],
    ["a uid with a line break", { user: "jane", uid: "1\n2" }],
    ["an extra value with a line break", { user: "jane", extra: { dn: ["a\nb"] } }],
  ])("%s is refused", (_, who) => {
    expect(() => identityHeaders(who)).toThrow(expect.objectContaining({ code: "SpecInvalid" }));
  });
});

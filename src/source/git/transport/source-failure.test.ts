import { describe, expect, test } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { sourceFailure, statusFailure } from "./source-failure.ts";

const address = "https://git.example.com/env.git";

describe("a status", () => {
  test.each([
    [401, "SourceDenied", "does not accept the credentials (401)"],
    [403, "SourceDenied", "refuses access (403)"],
    [404, "SourceInvalid", `there is no repository at ${address} (404)`],
    [410, "SourceInvalid", `there is no repository at ${address} (410)`],
    [408, "SourceUnreachable", "answers with status 408"],
    [429, "SourceUnreachable", "answers with status 429"],
    [500, "SourceUnreachable", "answers with status 500"],
    [504, "SourceUnreachable", "answers with status 504"],
    [204, "SourceInvalid", "answers with status 204"],
    [302, "SourceInvalid", "answers with status 302"],
    [400, "SourceInvalid", "answers with status 400"],
    [418, "SourceInvalid", "answers with status 418"],
  ])("%i is %s", (status, code, message) => {
    const failure = statusFailure(status, address);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
    expect(failure.message).toContain(address);
  });
});

describe("what was thrown", () => {
  const coded = (code: string, message = "") => Object.assign(new Error(message), { code });

  test("as a failure is that one", () => {
    const failure = new Failure("RefNotFound", { message: "no" });
    expect(sourceFailure(failure, address)).toBe(failure);
  });

  test.each([TypeError, RangeError, ReferenceError, SyntaxError])("by a mistake of ours is a bug", (kind) => {
    const failure = sourceFailure(new kind("secret"), address);
    expect(failure.code).toBe("Bug");
    expect(failure.message).not.toContain("secret");
  });

  test.each([
    ["ENOTFOUND", "check the URL, and the cluster's DNS"],
    ["ECONNREFUSED", "nothing listens there"],
    ["ETIMEDOUT", "check firewalls and network policies"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "put the authority's certificate under ca.crt"],
    ["CERT_HAS_EXPIRED", "the server's certificate has expired"],
  ])("by the network has a hint: %s", (code, hint) => {
    const failure = sourceFailure(coded(code, "connect failed"), address);
    expect(failure.code).toBe("SourceUnreachable");
    expect(failure.message).toContain(`cannot reach ${address}: connect failed (`);
    expect(failure.message).toContain(hint);
  });

  test.each([
    ["wrapped", new Error("fetch failed", { cause: coded("ECONNREFUSED", "connect ECONNREFUSED 10.1.2.3:443") })],
    [
      "wrapped twice",
      new Error("a", { cause: new Error("b", { cause: coded("ECONNREFUSED", "connect ECONNREFUSED 10.1.2.3:443") }) }),
    ],
    [
      "one of several",
      new AggregateError([coded("ECONNREFUSED", "connect ECONNREFUSED 10.1.2.3:443"), coded("ETIMEDOUT")]),
    ],
  ])("by the network is told by its reason: %s", (_, thrown) => {
    const { message, cause } = sourceFailure(thrown, address);
    expect(message).toBe(
      `cannot reach ${address}: connect ECONNREFUSED 10.1.2.3:443 (nothing listens there; check host and port)`,
    );
    expect(cause).toBe(thrown);
  });

  test.each([
    ["an error without words", new Error(""), `cannot reach ${address}: the connection failed`],
    ["no error at all", "oops", `cannot reach ${address}: the connection failed`],
    ["nothing", undefined, `cannot reach ${address}: the connection failed`],
    ["an error of several, none of them", new AggregateError([], "all failed"), `cannot reach ${address}: all failed`],
    ["a code that objects have anyway", coded("constructor", "odd"), `cannot reach ${address}: odd`],
  ])("is said all the same: %s", (_, thrown, message) => {
    expect(sourceFailure(thrown, address).message).toBe(message);
  });
});

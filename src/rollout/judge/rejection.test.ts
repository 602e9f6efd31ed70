import { expect, test } from "vitest";
import { apiFailure } from "../../cluster/failures/api-failure.ts";
import { requestContext } from "../../cluster/failures/request-context.ts";
import type { Manifest } from "../../model/manifest.ts";
import { rejectionOf } from "./rejection.ts";

const value = "hunter2-canary";
const ref = { apiVersion: "a.example.com/v1", kind: "Account", namespace: "shop", name: "x" };
const manifest = (sensitive: boolean): Manifest => ({
  id: { group: "a.example.com", kind: "Account", namespace: "shop", name: "x" },
  object: { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name: "x", namespace: "shop" } },
  origin: { file: "a.yaml", line: 1, chain: [] },
  sensitive,
  digest: "",
});

const invalid = `spec.password: Invalid value: "${value}": should match '^[A-Z]'`;
const statuses = [
  {
    code: 422,
    reason: "Invalid",
    message: invalid,
    details: { causes: [{ reason: "FieldValueInvalid", field: "spec.password", message: invalid }] },
  },
  { code: 403, reason: "Forbidden", message: `admission webhook "v.x" denied the request: ${value} is weak` },
  { code: 403, reason: "Forbidden", message: `some plug-in does not like ${value}` },
  { code: 400, reason: "BadRequest", message: `Account in version "v1" cannot be handled: ${value}` },
  { code: 409, reason: "Conflict", message: `the object was modified: ${value}` },
  { code: 429, reason: "TooManyRequests", message: `later: ${value}` },
  { code: 500, reason: "InternalError", message: `cannot convert ${value}` },
  { code: 503, reason: "ServiceUnavailable", message: `gone: ${value}` },
];

test.each(statuses)(
  "what an API server says ($code $reason) is not repeated of an object that is sensitive",
  (body) => {
    const answer = { status: body.code, headers: {}, body: { kind: "Status", status: "Failure", ...body } };
    const failure = apiFailure(answer, requestContext("dryRun", ref));
    const told = (sensitive: boolean) => {
      try {
        return rejectionOf(failure, manifest(sensitive));
      } catch (thrown) {
        return thrown;
      }
    };
    expect(String(told(false))).toContain(value);
    expect(String(told(true))).not.toContain(value);
    expect(told(true)).toHaveProperty("code", failure.code);
    expect(told(true)).not.toHaveProperty("cause");
  },
);

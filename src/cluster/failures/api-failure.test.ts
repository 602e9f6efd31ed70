import { describe, expect, test } from "vitest";
import type { FailureCode } from "../../model/failure.ts";
import { apiFailure } from "./api-failure.ts";
import type { RequestContext } from "./request-context.ts";

/** What the real API server says is tested in `test/cluster/failures.test.ts`; here is what it says only rarely. */
interface Case {
  readonly what: string;
  readonly status: number;
  readonly body?: unknown;
  readonly asked?: Partial<RequestContext>;
  readonly code: FailureCode;
  readonly message: string;
}

const about: RequestContext = { kind: "apply", object: "Deployment/shop/web", sensitive: false };
const ofSecret = { object: "Secret/shop/db", sensitive: true };
const status = (message: string, reason?: string, causes?: readonly object[]) => ({
  kind: "Status",
  message,
  reason,
  details: { causes },
});

const cases: readonly Case[] = [
  {
    what: "a webhook that denies with a code of its own",
    status: 418,
    body: status('admission webhook "tea.example.com" denied the request: only coffee'),
    code: "AdmissionDenied",
    message: 'Deployment/shop/web: admission webhook "tea.example.com" denied the request: only coffee',
  },
  {
    what: "a webhook that quotes a Secret",
    status: 400,
    body: status('admission webhook "audit.example.com" denied the request: password hunter2 is weak'),
    asked: ofSecret,
    code: "AdmissionDenied",
    message: "Secret/shop/db: denied by audit.example.com",
  },
  {
    what: "RBAC that would hand on more than it has",
    status: 403,
    body: status(
      'clusterroles "x" is forbidden: user "deployer" is attempting to grant RBAC permissions not currently held:\n{...}',
      "Forbidden",
    ),
    code: "Forbidden",
    message:
      'Deployment/shop/web: clusterroles "x" is forbidden: user "deployer" is attempting to grant RBAC permissions not currently held: {...} (give the service account a role that allows it)',
  },
  {
    what: "a binding whose role is not there",
    status: 404,
    body: {
      ...status('role.rbac.authorization.k8s.io "reader" not found', "NotFound"),
      details: { name: "reader", group: "rbac.authorization.k8s.io", kind: "role" },
    },
    asked: { object: "RoleBinding/shop/binds" },
    code: "NotFound",
    message: 'RoleBinding/shop/binds: the role "reader" that it names does not exist',
  },
  {
    what: "an object that is not there",
    status: 404,
    body: { ...status('pods "web" not found', "NotFound"), details: { name: "web", kind: "pods" } },
    asked: { kind: "get", object: "Pod/shop/web" },
    code: "NotFound",
    message: "Pod/shop/web: does not exist",
  },
  {
    what: "a LimitRange",
    status: 403,
    body: status('pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2', "Forbidden"),
    code: "AdmissionDenied",
    message: 'Deployment/shop/web: pods "web" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  },
  {
    what: "a StatefulSet's fixed fields",
    status: 422,
    body: status("invalid", "Invalid", [
      {
        reason: "FieldValueForbidden",
        field: "spec",
        message: "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
      },
    ]),
    code: "FieldImmutable",
    message:
      "Deployment/shop/web: spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden (set force, or the annotation mooring.dev/force: enabled, to delete and recreate the object)",
  },
  {
    what: "an immutable field among others: recreating would not help",
    status: 422,
    body: status("invalid", "Invalid", [
      { reason: "FieldValueInvalid", field: "spec.selector", message: "Invalid value: {}: field is immutable" },
      { reason: "FieldValueRequired", field: "spec.template.spec.containers", message: "Required value" },
    ]),
    code: "ObjectInvalid",
    message:
      "Deployment/shop/web: spec.selector: Invalid value: {}: field is immutable\nDeployment/shop/web: spec.template.spec.containers: Required value",
  },
  {
    what: "an immutable Secret",
    status: 422,
    body: status("Secret is invalid: data: Forbidden: field is immutable: hunter2", "Invalid", [
      {
        reason: "FieldValueForbidden",
        field: "data",
        message: "Forbidden: field is immutable when `immutable` is set",
      },
    ]),
    asked: ofSecret,
    code: "FieldImmutable",
    message:
      "Secret/shop/db: data: cannot be changed (set force, or the annotation mooring.dev/force: enabled, to delete and recreate the object)",
  },
  {
    what: "several schema errors",
    status: 500,
    body: status(
      'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:\n  .spec.foo: field not declared in schema\n  .spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
    ),
    code: "ObjectInvalid",
    message:
      'Deployment/shop/web: spec.foo: unknown field\nDeployment/shop/web: spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
  },
  {
    what: "strict decoding",
    status: 400,
    body: status(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo", duplicate field "spec.bar"',
      "BadRequest",
    ),
    asked: { kind: "create" },
    code: "ObjectInvalid",
    message: "Deployment/shop/web: spec.foo: unknown field\nDeployment/shop/web: spec.bar: duplicate field",
  },
  {
    what: "an object too large for etcd",
    status: 500,
    body: status("etcdserver: request is too large"),
    code: "ObjectInvalid",
    message: "Deployment/shop/web: is larger than the API server accepts",
  },
  {
    what: "a proxy's page",
    status: 502,
    body: undefined,
    code: "ClusterUnreachable",
    message: "Deployment/shop/web: the API server answers HTTP 502",
  },
  {
    what: "JSON that is no Status",
    status: 500,
    body: { error: "token abc" },
    code: "ClusterBusy",
    message: "Deployment/shop/web: the API server answers HTTP 500",
  },
  {
    what: "too many requests",
    status: 429,
    body: status("too many requests, please try again later", "TooManyRequests"),
    code: "ClusterBusy",
    message: "Deployment/shop/web: the API server answers HTTP 429: too many requests, please try again later",
  },
  {
    what: "an unknown path",
    status: 404,
    body: undefined,
    code: "KindUnknown",
    message:
      "Deployment/shop/web: the cluster does not serve this kind in this version (check apiVersion and kind, or install its CustomResourceDefinition first)",
  },
];

describe("apiFailure", () => {
  test.each(cases)("$what: $code", ({ status, body, asked, code, message }) => {
    expect(apiFailure({ status, body }, { ...about, ...asked })).toMatchObject({ code, message });
  });

  test("control characters and length are bounded", () => {
    const body = status(`a\u001b[31m\u0000\n${"x".repeat(10_000)}end`, "BadRequest");
    const { message } = apiFailure({ status: 400, body }, about);
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(500);
    expect(message).toMatch(/end$/);
  });
});

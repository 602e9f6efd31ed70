import { Failure } from "../../model/failure.ts";
import { stringAt, valueAt } from "../../model/json/json.ts";
import type { AccessReview } from "../cluster.ts";
import { apiFailure } from "../failures/api-failure.ts";
import type { Connection } from "../http/connection.ts";

/** What the API server says its version is: `v1.34.1`. Throws `Failure`. */
export async function serverVersion(connection: Connection, signal: AbortSignal): Promise<string> {
  const path = "/version";
  const answer = await connection.send({ kind: "discovery", method: "GET", path, repeatable: true }, signal);
  const version = stringAt(answer.body, "gitVersion");
  if (answer.status === 200 && version !== undefined) return version;
  throw apiFailure(answer, { kind: "discovery", object: path, sensitive: false });
}

/** Whether the one who asks may do something: a SelfSubjectAccessReview, which everybody may ask for. Throws `Failure`. */
export async function allowed(connection: Connection, review: AccessReview, signal: AbortSignal): Promise<boolean> {
  const { resource, ...rest } = review;
  const [plural = "", subresource = ""] = resource.split("/");
  const answer = await connection.send(
    {
      kind: "create",
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      contentType: "application/json",
      body: JSON.stringify({
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { ...rest, resource: plural, subresource } },
      }),
      repeatable: true,
    },
    signal,
  );
  if (answer.status >= 300)
    throw apiFailure(answer, { kind: "create", object: "SelfSubjectAccessReview", sensitive: false });
  const verdict = valueAt(answer.body, "status", "allowed");
  if (typeof verdict === "boolean") return verdict;
  throw new Failure("ClusterUnreachable", { message: "the API server answered an access review with something else" });
}

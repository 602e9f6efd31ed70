import { Failure } from "../../model/failure.ts";
import { numberAt } from "../../model/json/json.ts";
import type { ForgeHttp } from "./http/http.ts";
import { unless } from "./http/response-failure.ts";

/**
 * The number of the account whose token it is, as `GET /user` of all three forges says; undefined where the token may not ask.
 * Throws the other failures of `Forge`.
 */
export async function self(http: ForgeHttp, url: string, signal: AbortSignal): Promise<number | undefined> {
  return numberIn(http.send({ method: "GET", url, headers: { accept: "application/json" } }, signal), "id");
}

/**
 * The same of GitHub, whose apps and whose token of Actions may not ask `GET /user`, but may ask GraphQL. Upstream:
 * https://docs.github.com/en/graphql/reference/queries#viewer
 */
export async function selfOnGithub(http: ForgeHttp, apiUrl: string, signal: AbortSignal): Promise<number | undefined> {
  const known = await self(http, `${apiUrl}/user`, signal);
  if (known !== undefined) return known;
  const url = `${apiUrl.replace(/\/v3$/, "")}/graphql`;
  const body = JSON.stringify({ query: "query { viewer { databaseId } }" });
  const headers = { accept: "application/json", "content-type": "application/json" };
  return numberIn(http.send({ method: "POST", url, headers, body }, signal), "data", "viewer", "databaseId");
}

async function numberIn(
  asking: ReturnType<ForgeHttp["send"]>,
  ...path: readonly string[]
): Promise<number | undefined> {
  const answer = await unless([401, 403, 404], asking);
  if (answer instanceof Failure || answer.body.length === 0) return undefined;
  const read: unknown = JSON.parse(answer.body.toString());
  return numberAt(read, ...path);
}

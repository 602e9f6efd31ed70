import type { MergeRequests } from "@gitbeaker/rest";
import { isObject, type Json, type JsonObject } from "../../../model/json/json.ts";
import type { ForgeHttp } from "../http/http.ts";

/** How Gitbeaker is told to send its requests. */
export type RequesterFn = NonNullable<NonNullable<ConstructorParameters<typeof MergeRequests>[0]>["requesterFn"]>;
type Requester = ReturnType<RequesterFn>;
type Options = Parameters<Requester["get"]>[1];

/**
 * Gitbeaker's requests over Mooring's own client, until the signal aborts: Gitbeaker's own one takes no signal, and asks ten
 * times in a row where a server asks for patience.
 */
export function gitlabRequester(http: ForgeHttp, signal: AbortSignal): RequesterFn {
  return ({ url: prefix }) => {
    const root = prefix.replace(/\/*$/, "/");
    const ask = async (method: string, endpoint: string, { searchParams, body }: Options = {}) => {
      const query = new URLSearchParams(textsOf(searchParams)).toString();
      const url = `${root}${endpoint}${query === "" ? "" : `?${query}`}`;
      const headers = {
        accept: "application/json",
        ...(method === "GET" ? {} : { "content-type": "application/json" }),
      };
      const sent = method === "GET" ? undefined : JSON.stringify(underscored(body));
      const answer = await http.send({ method, url, headers, body: sent }, signal);
      const text = answer.body.toString();
      const read: unknown = text === "" ? null : JSON.parse(text);
      return { body: read, headers: Object.fromEntries(answer.headers), status: answer.status };
    };
    const asking = (method: string) => (endpoint: string, options?: Options) => ask(method, endpoint, options);
    const requester = {
      get: asking("GET"),
      post: asking("POST"),
      put: asking("PUT"),
      patch: asking("PATCH"),
      delete: asking("DELETE"),
    };
    // What an answer holds is Gitbeaker's own claim.
    return requester as unknown as Requester;
  };
}

/** Gitbeaker names fields in camel case, GitLab with underscores. */
function underscored(value: unknown): JsonObject {
  const members = isObject(value) ? Object.entries(value) : [];
  const given = members.filter(([, member]) => member !== undefined);
  return Object.fromEntries(given.map(([name, member]): [string, Json | undefined] => [nameOf(name), member]));
}

function textsOf(query: unknown): Record<string, string> {
  const members = Object.entries(underscored(query));
  return Object.fromEntries(members.map(([name, member]) => [name, String(member)]));
}

function nameOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

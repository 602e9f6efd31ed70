import { type Json, listAt, valueAt } from "../../../model/json/json.ts";
import type { ForgeHttp } from "../http/http.ts";

/** What a query may hold. */
export type Query = Readonly<Record<string, string | number>>;

/** One repository in Gitea's API. */
export interface GiteaApi {
  /** One request; `path` is what follows `/repos/<owner>/<name>`, its parts encoded. Throws as `ForgeHttp.send` does. */
  readonly call: (method: string, path: string, options: CallOptions) => Promise<Json | undefined>;
  /** All pages of a list, or those up to the one that is enough. */
  readonly pages: (path: string, options: PageOptions) => Promise<readonly Json[]>;
}

/** What goes with a request. */
export interface CallOptions {
  readonly query?: Query;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** Which pages are wanted. */
export interface PageOptions {
  readonly query?: Query;
  readonly signal: AbortSignal;
  /** Where in an answer the list is, when it is not all of it. */
  readonly within?: string;
  readonly enough?: (page: readonly Json[]) => boolean;
}

const pageSize = 50;
const mostPages = 20;

/** The API of a repository. Upstream: https://docs.gitea.com/api/, and /api/swagger of every Gitea. */
export function createGiteaApi(http: ForgeHttp, apiUrl: string, repository: string): GiteaApi {
  const root = `${apiUrl}/repos/${repository.split("/").map(encodeURIComponent).join("/")}`;
  const call: GiteaApi["call"] = async (method, path, { query = {}, body, signal }) => {
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString();
    const url = `${root}${path}${search === "" ? "" : `?${search}`}`;
    const headers = {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const sent = { method, url, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    const answer = await http.send(sent, signal);
    return answer.body.length === 0 ? undefined : JSON.parse(answer.body.toString());
  };
  return {
    call,
    async pages(path, { query, signal, within, enough }) {
      const all: Json[] = [];
      for (let page = 1; page <= mostPages; page++) {
        const found = await call("GET", path, { query: { ...query, limit: pageSize, page }, signal });
        const items = listAt({ items: within === undefined ? found : valueAt(found, within) }, "items");
        for (const item of items) all.push(item);
        if (items.length < pageSize || enough?.(items) === true) break;
      }
      return all;
    },
  };
}

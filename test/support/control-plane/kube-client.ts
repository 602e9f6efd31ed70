import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, type Dispatcher } from "undici";

/** Where an API server is and who asks. */
export interface KubeEndpoint {
  readonly server: string;
  readonly caFile: string;
  readonly token: string;
}

/** An answer that is not a success. Holds the server's own words. */
export class KubeError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "KubeError";
    this.status = status;
  }
}

/** A change seen by a watch. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

/** The API as the tests use it, apart from the program they test. */
export interface KubeClient {
  /** The answer's body, which the caller knows the type of. Throws `KubeError` for any status that is not a success. */
  readonly request: <T>(method: Dispatcher.HttpMethod, path: string, body?: unknown) => Promise<T>;
  /** Every object under `path`, once now and again as it changes, until the signal ends it. After a lost connection it lists again. */
  readonly follow: <T>(path: string, onEvent: (event: WatchEvent<T>) => void, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

const retryMs = 200;

/** A client over keep-alive connections of its own. Close it, or the process does not end. */
export function connectKube(endpoint: KubeEndpoint): KubeClient {
  const agent = new Agent({ connect: { ca: readFileSync(endpoint.caFile, "utf8") }, bodyTimeout: 0 });
  const send = async (options: Omit<Dispatcher.RequestOptions, "origin">): Promise<Dispatcher.ResponseData> => {
    const headers = { authorization: `Bearer ${endpoint.token}`, "content-type": contentType(options.method) };
    const response = await agent.request({ origin: endpoint.server, ...options, headers });
    if (response.statusCode < 300) return response;
    throw new KubeError(response.statusCode, messageOf(await response.body.text()));
  };
  const request = async <T>(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<T> => {
    const response = await send({ method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return (await response.body.json()) as T;
  };
  return {
    request,
    follow: async (path, onEvent, signal) => {
      while (!signal.aborted) {
        await listAndWatch({ request, send, path, onEvent, signal }).catch(ignore);
        await pause(retryMs, undefined, { signal }).catch(ignore);
      }
    },
    close: () => agent.destroy(),
  };
}

interface Follow<T> {
  readonly request: KubeClient["request"];
  readonly send: (options: Omit<Dispatcher.RequestOptions, "origin">) => Promise<Dispatcher.ResponseData>;
  readonly path: string;
  readonly onEvent: (event: WatchEvent<T>) => void;
  readonly signal: AbortSignal;
}

async function listAndWatch<T>(follow: Follow<T>): Promise<void> {
  const list = await follow.request<List<T>>("GET", follow.path);
  for (const object of list.items) follow.onEvent({ type: "ADDED", object });
  const query = new URLSearchParams({ watch: "true", resourceVersion: list.metadata.resourceVersion });
  const path = `${follow.path}?${query}`;
  const response = await follow.send({ method: "GET", path, signal: follow.signal });
  for await (const line of createInterface({ input: response.body })) {
    const event = JSON.parse(line) as WatchEvent<T> | { readonly type: "ERROR" } | { readonly type: "BOOKMARK" };
    if (event.type === "ERROR") return;
    if (event.type !== "BOOKMARK") follow.onEvent(event);
  }
}

function contentType(method: string): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

function messageOf(body: string): string {
  try {
    return String((JSON.parse(body) as { readonly message?: unknown }).message ?? body);
  } catch {
    return body;
  }
}

function ignore(): void {}

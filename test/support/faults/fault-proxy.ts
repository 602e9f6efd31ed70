import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { writeKubeconfig } from "../control-plane/kubeconfig.ts";
import { listenOnFreePort } from "../process/listen.ts";
import { type Fault, goneEvent, handle, type ProxiedRequest, type ProxyState } from "./fault-exchange.ts";

export type { Fault, ProxiedRequest } from "./fault-exchange.ts";

/** An unreliable way to a real API server. */
export interface FaultProxy {
  /** Plain http on loopback. */
  readonly url: string;
  /** A kubeconfig file that leads through the proxy with this token. */
  readonly kubeconfigFor: (token: string) => Promise<string>;
  /** Decides for every request from now on what goes wrong with it; without an argument nothing does. */
  readonly inject: (decide?: (request: ProxiedRequest) => Fault | undefined) => void;
  /** Told of every request before it goes on, so that a test can act after the n-th. A second listener replaces the first. */
  readonly onRequest: (listener: (n: number, method: string, path: string) => void) => void;
  /** Stops the world: what comes in waits and open watches fall silent, with every connection left open. `thaw` lets it go on. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** Lets the open watches of such paths show nothing any more, with their connections left open. */
  readonly deafen: (concerned: (path: string) => boolean) => void;
  /** From now on versions are texts without an order, as an aggregated API may have. */
  readonly hideOrder: () => void;
  /** Breaks every connection that is open now. */
  readonly dropConnections: () => void;
  /** Tells every open watch that its resourceVersion is too old, and ends it. */
  readonly expireWatches: () => void;
  readonly requests: readonly ProxiedRequest[];
  readonly stop: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Starts a proxy in front of the API server. It adds no credentials: every request carries its own. */
export async function startFaultProxy(target: Pick<ControlPlane, "server" | "caFile">): Promise<FaultProxy> {
  const dir = await mkdtemp(join(tmpdir(), "mooring-fault-proxy-"));
  const state: ProxyState = {
    server: target.server,
    agent: new Agent({ keepAlive: true, ca: await readFile(target.caFile) }),
    requests: [],
    watches: new Map(),
    decide: () => undefined,
    listener: () => undefined,
    frozen: undefined,
    opaque: false,
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch(() => response.destroy());
  });
  const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  return { url, requests: state.requests, ...controls(state, server), ...resources({ dir, url, state, server }) };
}

type Controls =
  | "inject"
  | "onRequest"
  | "deafen"
  | "freeze"
  | "thaw"
  | "dropConnections"
  | "expireWatches"
  | "hideOrder";

function controls(state: ProxyState, server: Server): Pick<FaultProxy, Controls> {
  return {
    inject: (decide = () => undefined) => {
      state.decide = decide;
    },
    onRequest: (listener) => {
      state.listener = listener;
    },
    freeze: () => {
      state.frozen ??= Promise.withResolvers();
      for (const upstream of state.watches.values()) upstream.pause();
    },
    thaw: () => {
      state.frozen?.resolve();
      state.frozen = undefined;
      for (const upstream of state.watches.values()) upstream.resume();
    },
    deafen: (concerned) => {
      for (const [response, upstream] of state.watches) if (concerned(response.req.url ?? "")) upstream.pause();
    },
    hideOrder: () => {
      state.opaque = true;
    },
    dropConnections: () => server.closeAllConnections(),
    expireWatches: () => {
      for (const response of state.watches.keys()) response.end(goneEvent);
    },
  };
}

interface Resources {
  readonly dir: string;
  readonly url: string;
  readonly state: ProxyState;
  readonly server: Server;
}

function resources({
  dir,
  url,
  state,
  server,
}: Resources): Pick<FaultProxy, "kubeconfigFor" | "stop" | typeof Symbol.asyncDispose> {
  let files = 0;
  const stop = async (): Promise<void> => {
    state.frozen?.resolve();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    state.agent.destroy();
    await rm(dir, { recursive: true, force: true });
  };
  return {
    kubeconfigFor: (token) => {
      files += 1;
      return writeKubeconfig(join(dir, `${files}.kubeconfig`), { server: url, user: "proxied", token });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

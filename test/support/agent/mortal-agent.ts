import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { listAt, stringAt } from "../../../src/model/json/json.ts";
import { type FaultProxy, type ProxiedRequest, startFaultProxy } from "../faults/fault-proxy.ts";
import type { World } from "../world.ts";
import { type AgentProcess, startAgent } from "./agent-process.ts";

/** An agent whose way to the API server leads through a fault proxy, and that comes back whenever it was killed. */
export interface MortalAgent {
  readonly proxy: FaultProxy;
  /**
   * Kills it with SIGKILL as the n-th request (from 1) that counts comes by, which the server never hears of: what
   * the server did until then is all there is. The next one starts at once. Answers with how many came by so far.
   */
  readonly killAt: (n: number, counts: (request: ProxiedRequest) => boolean) => () => number;
  /** How often it was killed. */
  readonly deaths: () => number;
  /** What every life of it logged. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts the agent of a world behind a proxy of its own, without leader election: a killed leader's lease runs on. */
export async function startMortalAgent(
  world: World,
  prepare: (proxy: FaultProxy) => void = () => undefined,
): Promise<MortalAgent> {
  const proxy = await startFaultProxy(world.controlPlane);
  prepare(proxy);
  const kubeconfig = await proxy.kubeconfigFor(await tokenOf(world.agentKubeconfig));
  const lives: AgentProcess[] = [];
  let stopping = false;
  let deaths = 0;
  const live = () => void lives.push(startAgent(kubeconfig, "--no-leader-election"));
  const kill = async () => {
    deaths += 1;
    await lives.at(-1)?.stop("SIGKILL");
    if (!stopping) live();
  };
  live();
  return {
    proxy,
    killAt(n, counts) {
      let seen = 0;
      proxy.inject((request) => {
        if (!counts(request)) return undefined;
        seen += 1;
        if (seen !== n) return undefined;
        void kill();
        return { kind: "reset" };
      });
      return () => seen;
    },
    deaths: () => deaths,
    log: () => lives.map((agent) => agent.log()).join(""),
    async stop() {
      stopping = true;
      await Promise.all(lives.map((agent) => agent.stop()));
      await proxy.stop();
    },
  };
}

/** A call of the reconciliation itself: not a watch, nor an Event that only tells of it. */
export function isCall({ isWatch, path }: ProxiedRequest): boolean {
  return !isWatch && !path.endsWith("/events");
}

/** A call that changes something. An access review is posted, and only asks. */
export function isWrite(request: ProxiedRequest): boolean {
  const asks = request.query.has("dryRun") || request.path.endsWith("/selfsubjectaccessreviews");
  return isCall(request) && request.method !== "GET" && !asks;
}

async function tokenOf(kubeconfig: string): Promise<string> {
  const [user] = listAt(parse(await readFile(kubeconfig, "utf8")), "users");
  return stringAt(user, "user", "token") ?? "";
}

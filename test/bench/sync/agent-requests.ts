import { setTimeout as pause } from "node:timers/promises";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { eventually } from "../../support/wait.ts";

/** Requests to the API server by kind (`apply`, `dryRun`, `patch`, …), as the agent counts them. */
export type Requests = ReadonlyMap<string, number>;

/** What writes, of the kinds of requests. */
const writing: ReadonlySet<string> = new Set(["apply", "patch", "create", "update", "delete"]);

/** Where an agent serves its metrics, once it leads. */
export async function metricsUrl(agent: AgentProcess): Promise<string> {
  const found = await eventually(
    () => (agent.log().includes('"leading"') ? /"address":"([^"]+)"/.exec(agent.log()) : undefined),
    { what: "the agent to lead" },
  );
  return `http://${found[1]}/metrics`;
}

/** The requests an agent has sent so far. */
export async function agentRequests(url: string): Promise<Requests> {
  const text = await (await fetch(url)).text();
  const lines = text.matchAll(/^mooring_api_requests\{kind="(?<kind>\w+)"\} (?<count>\d+)$/gm);
  return new Map([...lines].map(({ groups }) => [groups?.kind ?? "", Number(groups?.count)]));
}

/** Waits until an agent has sent nothing for two seconds. */
export async function untilQuiet(url: string): Promise<void> {
  for (let last = totals(await agentRequests(url)).all; ; ) {
    await pause(2_000);
    const now = totals(await agentRequests(url)).all;
    if (now === last) return;
    last = now;
  }
}

/** What was sent between two looks, without the kinds of which there was nothing. */
export function requestsBetween(before: Requests, after: Requests): Requests {
  const differences = [...after].map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const);
  return new Map(differences.filter(([, count]) => count > 0));
}

/** All requests; those that write; those that only read, dry runs among them. */
export function totals(requests: Requests): { readonly all: number; readonly writes: number; readonly reads: number } {
  const all = [...requests.values()].reduce((sum, count) => sum + count, 0);
  const writes = [...requests].reduce((sum, [kind, count]) => sum + (writing.has(kind) ? count : 0), 0);
  return { all, writes, reads: all - writes };
}

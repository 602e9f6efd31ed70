import { eventually } from "../wait.ts";
import type { AgentProcess } from "./agent-process.ts";

/** The URL of an agent's HTTP endpoints, as soon as it says where it listens. */
export async function agentAddress(agent: AgentProcess): Promise<string> {
  const address = await eventually(() => /"address":"([^"]+)"/.exec(agent.log())?.[1], {
    what: "the agent to listen",
    timeout: 60_000,
  });
  return `http://${address}`;
}

import { eventually } from "../wait.ts";
import { agentAddress } from "./agent-address.ts";
import type { AgentProcess } from "./agent-process.ts";
import { scrape } from "./scrape.ts";

/** Waits until the agent has gone over an Environment so many times more, whatever came of it. */
export async function afterPasses(agent: AgentProcess, environment: string, count: number): Promise<void> {
  const address = (await agentAddress(agent)).replace("http://", "");
  const passes = async () =>
    [...(await scrape(address))]
      .filter(([key]) => key.startsWith("mooring_passes_total{") && key.includes(`name="${environment}"`))
      .reduce((sum, [, value]) => sum + value, 0);
  const before = await passes();
  const what = `${count} more passes over ${environment}`;
  await eventually(async () => (await passes()) >= before + count, { what, timeout: 60_000 });
}

export { type AgentOptions, fetchedBytesOfAgent, runAgent } from "./agent.ts";
export { keepHeapSmall } from "./heap.ts";
export { createLog, type Log } from "./log.ts";

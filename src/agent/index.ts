export { runAgent } from "./agent.ts";
export { fetchedBytesOfAgent } from "./controllers.ts";
export { keepHeapSmall } from "./heap.ts";
export { createLog, type Log } from "./log.ts";
export type { AgentOptions } from "./options.ts";

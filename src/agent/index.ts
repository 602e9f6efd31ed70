export { type AgentOptions, fetchedBytesOfAgent, runAgent } from "./agent.ts";
export { keepHeapSmall } from "./heap.ts";
export { createLog, type Log } from "./log.ts";
export { atPin } from "./pin.ts";
export { type Opening, overlayOf } from "./promotion/overlay.ts";
export { readSource } from "./read-source.ts";
export { createSnapshotStore } from "./snapshots.ts";

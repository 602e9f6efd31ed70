export { runProgram } from "./program.ts";
export { registry } from "./registry.ts";
export { flushed, processSurroundings } from "./surroundings.ts";

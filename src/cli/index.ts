export { runProgram } from "./program.ts";
export { registry } from "./registry.ts";
export { endOnBug, flushed, processSurroundings } from "./surroundings.ts";

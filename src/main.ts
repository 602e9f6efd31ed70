#!/usr/bin/env node
import { endOnBug, flushed, processSurroundings, registry, runProgram } from "./cli/index.ts";
import type { AccessFlags, Cluster } from "./cluster/index.ts";
import { freezeIntrinsics } from "./model/intrinsics.ts";

freezeIntrinsics();
endOnBug(process);

async function connect(flags: AccessFlags, signal: AbortSignal): Promise<Cluster> {
  const cluster = await import("./cluster/index.ts");
  return cluster.connect(cluster.findAccess(flags, process.env), signal);
}

const surroundings = { ...processSurroundings(process), connect };
const exitCode = await runProgram(process.argv.slice(2), registry, surroundings);
await flushed(process);
process.exit(exitCode);

/** A program that starts a control plane, tells about it on one line, and waits for its own end: for the tests that kill it. An argument says where. */
import { startControlPlane } from "./control-plane.ts";

const where = process.argv[2];
const { pids, dir } = await startControlPlane(where === undefined ? {} : { dir: where });
process.stdout.write(`${JSON.stringify({ pids, dir })}\n`);

/** Runs what takes too long for every change: `npm run conformance`, or `npm run conformance -- soak` for one of them. */
import { spawnSync } from "node:child_process";

/** By name: the test that has a full size, and about how long that takes. */
const suites = {
  soak: { file: "test/e2e/resilience/soak.test.ts", takes: "half an hour on two cores" },
} as const;

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in suites));
if (unknown !== undefined) {
  process.stderr.write(`there is no "${unknown}"; there are: ${Object.keys(suites).join(", ")}\n`);
  process.exit(2);
}
for (const [name, { file, takes }] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`${name}: takes about ${takes}\n`);
  const env = { ...process.env, MOORING_FULL_SIZE: "1" };
  const { status } = spawnSync("npx", ["vitest", "run", file], { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { unwantedDifference } from "../render/differential/compare.ts";
import { environments } from "../render/differential/overlays.ts";

/**
 * `npm run fuzz -- [--runs N] [--seed S]`: compares random environments with the real kustomize, by tens of thousands.
 * Writes the first one that differs to `fuzz-render.json` and ends with 1; it then becomes a case of the tests.
 */
const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" } } });
const runs = Number(values.runs ?? 20_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const batch = 8;

process.stdout.write(`comparing ${runs} environments with kustomize, seed ${seed}\n`);
for (let done = 0; done < runs; done += batch) {
  const some = fc.sample(environments, { numRuns: batch, seed: seed + done });
  const found = await Promise.all(
    some.map(async (environment) => ({ environment, ...(await unwantedDifference(environment)) })),
  );
  const differing = found.find(({ ours }) => ours !== undefined);
  if (differing !== undefined) {
    await writeFile("fuzz-render.json", `${JSON.stringify(differing, null, 2)}\n`);
    process.stderr.write(`a difference after ${done} environments: see fuzz-render.json\n`);
    process.exit(1);
  }
  if (done % 1000 < batch) process.stdout.write(`${done} agree\n`);
}
process.stdout.write(`all ${runs} agree\n`);

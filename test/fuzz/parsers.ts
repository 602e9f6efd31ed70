/**
 * Throws texts at every parser of foreign text: `node test/fuzz/parsers.ts [--only NAME] [--runs N] [--seed N]`. Looks for
 * anything thrown that is no `Failure`, for what all objects inherit being changed, and for time that grows faster than
 * the text. Says the seed and the smallest failing text. A short run of it is among the tests (`parsers.test.ts`).
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { freezeIntrinsics } from "../../src/model/intrinsics.ts";
import { readsOrRefuses, staysLinear, texts } from "./parsers/run.ts";
import { parsers } from "./parsers/table.ts";

freezeIntrinsics();
const { values } = parseArgs({
  options: { only: { type: "string" }, runs: { type: "string", default: "2000" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const wanted = parsers.filter(({ name }) => values.only === undefined || values.only === name);
console.log(`seed ${seed}, ${wanted.length} parsers, ${values.runs} texts each`);
let failed = wanted.length === 0;
for (const parser of wanted) {
  try {
    const property = fc.asyncProperty(texts(parser), (text) => readsOrRefuses(parser, text));
    await fc.assert(property, { seed, numRuns: Number(values.runs) });
    await staysLinear(parser);
    console.log(`${parser.name}: nothing found`);
  } catch (thrown) {
    failed = true;
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? `\n${thrown.cause.message}` : "";
    console.log(`${parser.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}${cause}`);
  }
}
process.exit(failed ? 1 : 0);

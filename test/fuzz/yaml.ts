/**
 * Throws random text and values at the YAML reader and writer: `node test/fuzz/yaml.ts [seconds]`, 60 by default. Looks
 * for crashes, hangs, polluted prototypes, values that do not survive being written and read, and, where there is a Go
 * toolchain, for anything that the real kustomize prints otherwise. Says the seed and the smallest failing input.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Failure } from "../../src/model/failure.ts";
import { emitYaml, parseDocuments, parseSettings, type YamlValue } from "../../src/render/yaml/index.ts";
import { yamlBody, yamlValue } from "../render/yaml/arbitrary.ts";
import { printAll, printedYaml, withBody } from "../render/yaml/kustomize-oracle.ts";
import { goMissing, tool } from "../toolchain/tools.ts";

/** No input of the sizes made here takes this long, in milliseconds, unless something goes round in circles. */
const patience = 2000;

const tokens = fc.constantFrom(
  ..."a b c: d: - ? : | > |- >+ |2 [ ] { } , & * &a *a ! !! !!str # ' \" \\ % @ ` ~ <<: --- ... 1 0x 1e 1_ .inf é 😀".split(
    " ",
  ),
  ..."true null 2001-01-01 __proto__: constructor: k: k:v \"\\u00 \"\\x41\" 'it''s'".split(" "),
  ...[
    "\n",
    "\n  ",
    "\n    ",
    "\n ",
    "\n- ",
    "\n  - ",
    " ",
    "  ",
    "\t",
    "\r",
    "\r\n",
    "\u0000",
    "\u2028",
    "\ufeff",
    "\ud800",
  ],
);
const soup = fc.array(tokens, { maxLength: 60 }).map((parts) => parts.join(""));
const bytes = fc.uint8Array({ maxLength: 200 });
/** Valid text with one piece replaced. */
const broken = fc.tuple(yamlBody, fc.nat(), fc.nat({ max: 5 }), tokens).map(([body, at, length, token]) => {
  const from = at % body.length;
  return body.slice(0, from) + token + body.slice(from + length);
});

/** Reads an input in both ways; only a `Failure` that says where may come of it. */
function readsOrFails(input: string | Uint8Array): void {
  const started = performance.now();
  for (const read of [parseDocuments, parseSettings]) {
    try {
      read(input, "fuzz.yaml");
    } catch (thrown) {
      assert.ok(thrown instanceof Failure, String(thrown));
      assert.ok(thrown.code === "YamlInvalid" || thrown.code === "InputTooLarge", thrown.code);
      assert.ok(thrown.problems.every((problem) => problem.file === "fuzz.yaml" && (problem.line ?? 1) >= 1));
    }
  }
  assert.ok(performance.now() - started < patience, "took too long");
  assert.equal(Object.keys(Object.prototype).length, 0);
  assert.equal(Reflect.get({}, "polluted"), undefined);
}

/** The breaks that go-yaml folds on the way, and so does this writer: they are not what they were once they are read again. */
const oddBreaks = /[\u0085\u2028\u2029]|\\[NLP]|\\u2028/;

/** What has been read is written, read and written again to the same text. */
function survives(text: string): void {
  if (oddBreaks.test(text)) return;
  for (const { value } of parseDocuments(text, "fuzz.yaml")) {
    const written = emitYaml(value);
    assert.equal(emitYaml(parseDocuments(written, "again.yaml")[0]?.value ?? null), written);
  }
}

/** A value survives being written and read, but for what kustomize itself does to it. */
function roundTrips(value: YamlValue): void {
  const wrapped = JSON.stringify({ value });
  if (wrapped.includes('"<<":') || oddBreaks.test(wrapped)) return;
  const [document] = parseDocuments(emitYaml({ value }), "fuzz.yaml");
  const read = JSON.stringify(document?.value, (_, part) => (typeof part === "bigint" ? Number(part) : part));
  assert.deepEqual(JSON.parse(read), JSON.parse(wrapped));
}

async function agreesWithKustomize(bodies: readonly string[]): Promise<void> {
  const answers = await printAll(await tool("kustomize"), bodies);
  for (const [index, body] of bodies.entries()) {
    const answer = answers[index];
    if (answer === undefined || "error" in answer) continue;
    const documents = parseDocuments(withBody(0, body), "fuzz.yaml");
    const text = documents.map((document) => printedYaml(document.value)).join("---\n");
    assert.equal(text, answer.text.replace(/name: case-\d+/, "name: case-0"));
  }
}

/** Runs a property until its share of the time is over. */
async function run(name: string, property: fc.IRawProperty<unknown, boolean>, seconds: number): Promise<void> {
  const limit = {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  };
  const result = await fc.check(property, limit);
  console.log(`${name}: ${result.numRuns} runs, seed ${result.seed}`);
  if (!result.failed || result.counterexample === null) return;
  console.error(fc.defaultReportMessage(result), result.errorInstance);
  process.exitCode = 1;
}

const seconds = Number(process.argv[2] ?? 60) / 5;
const text = fc.oneof(soup, broken, yamlBody);
await run("reads any text, or says what is wrong", fc.property(text, readsOrFails), seconds);
await run("reads any bytes, or says what is wrong", fc.property(bytes, readsOrFails), seconds / 2);
await run("writes what it has read", fc.property(yamlBody, survives), seconds / 2);
await run("reads what it has written", fc.property(yamlValue, roundTrips), seconds);
if (goMissing() === undefined) {
  const many = fc.array(yamlBody, { minLength: 50, maxLength: 200, size: "max" });
  const values = yamlValue.map((value) => `value: ${JSON.stringify(value)}\n`);
  await run("prints documents as kustomize does", fc.asyncProperty(many, agreesWithKustomize), seconds);
  const manyValues = fc.array(values, { minLength: 50, maxLength: 200, size: "max" });
  await run("prints values as kustomize does", fc.asyncProperty(manyValues, agreesWithKustomize), seconds);
} else console.log(`not compared with kustomize: ${goMissing()}`);

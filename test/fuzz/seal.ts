/**
 * Feeds damaged and invented ciphertexts to unsealing: `node test/fuzz/seal.ts [COUNT] [SEED]`, 120,000 without a count.
 * Whatever the input, there must be a `Failure` that names the item with one of a few known messages, never a crash and
 * never a word of the plain value; only what still decodes to the very bytes that were sealed may open.
 */
import { randomInt } from "node:crypto";
import type { SealAlgorithm } from "../../src/api/sealed-secret.ts";
import { Failure, type Problem } from "../../src/model/failure.ts";
import {
  certificateBundle,
  newSealingKey,
  readCertificate,
  sealingKey,
  sealValue,
  unsealObject,
} from "../../src/seal/index.ts";

const [count = "120000", seed = String(randomInt(2 ** 31))] = process.argv.slice(2);
const canary = "canary-hunter2-canary";
const itemsPerObject = 200;

const known = [
  /^is not base64$/,
  /^is too short to be a sealed value$/,
  /^is damaged: the key SHA256:\S+ fits, but the content was altered or cut off$/,
  /^is damaged, or sealed with an RSA key of \d+ bits, which none of the keys here has; there are SHA256:\S+$/,
  /^is sealed for .+ \((?:strict|namespace-wide|cluster-wide)\), but this object is fuzz\/target \(strict\)$/,
  /^is sealed with the key SHA256:\S+, which is here, but for another namespace, name or scope than fuzz\/target \(strict\)$/,
  /^cannot be opened by any key that is here; tried SHA256:\S+$/,
];

/** A generator of numbers below 2^32 that a seed repeats (xorshift). */
function numbers(start: number): () => number {
  let state = start | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

type Mutation = (bytes: Buffer, next: () => number) => Buffer | string;

const mutations: readonly Mutation[] = [
  (bytes, next) => flipped(bytes, next() % bytes.length, 1 << (next() % 8)),
  (bytes, next) => flipped(bytes, next() % Math.min(4, bytes.length), next() % 256),
  (bytes, next) => flipped(bytes, bytes.length - 1 - (next() % 20), 1 + (next() % 255)),
  (bytes, next) => bytes.subarray(0, next() % bytes.length),
  (bytes, next) => Buffer.concat([bytes, Buffer.alloc(1 + (next() % 40), next())]),
  (bytes, next) => Buffer.concat([bytes.subarray(next() % bytes.length), bytes.subarray(0, next() % bytes.length)]),
  (_bytes, next) => Buffer.from(Array.from({ length: next() % 300 }, () => next() % 256)),
  (bytes, next) => bytes.fill(next() % 256, next() % bytes.length),
  (bytes, next) => bytes.toString("base64").slice(0, -1 - (next() % 3)),
  (bytes, next) => bytes.toString("base64").replace(/./, String.fromCodePoint(next() % 0x3000)),
  () => "",
];

function flipped(bytes: Buffer, at: number, by: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ by;
  return bytes;
}

async function samples() {
  const pair = await newSealingKey(new Date(), { bits: 1024 });
  const key = sealingKey(pair.certificatePem, pair.privateKeyPem);
  const certificate = readCertificate(await certificateBundle(key));
  const sealed: Record<SealAlgorithm, Buffer[]> = { rsa: [], x25519: [] };
  for (const algorithm of ["rsa", "x25519"] as const) {
    for (const label of ["fuzz/target", "fuzz/other", "fuzz", ""]) {
      const { text } = await sealValue(Buffer.from(canary), label, certificate, algorithm);
      sealed[algorithm].push(Buffer.from(text, "base64"));
    }
  }
  return { sealed, keys: { keys: [key] } };
}

function objectOf(items: Readonly<Record<string, string>>, algorithm: SealAlgorithm) {
  const annotations = { "mooring.dev/algorithm": algorithm };
  const metadata = { name: "target", namespace: "fuzz", annotations };
  return { apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret", metadata, spec: { encryptedData: items } };
}

function check(problem: Problem): string | undefined {
  if (JSON.stringify(problem).includes("canary")) return "a message holds the plain value";
  if (!/^spec\.encryptedData\.i\d+$/.test(problem.field ?? "")) return `no field: ${problem.message}`;
  return known.some((form) => form.test(problem.message)) ? undefined : `unknown message: ${problem.message}`;
}

const next = numbers(Number(seed));
const { sealed, keys } = await samples();
const seen = new Map<string, number>();
const wrong: string[] = [];
let done = 0;
while (done < Number(count) && wrong.length === 0) {
  const algorithm: SealAlgorithm = next() % 3 === 0 ? "x25519" : "rsa";
  const items: Record<string, string> = {};
  for (let index = 0; index < itemsPerObject; index++) {
    const sample = sealed[algorithm][next() % sealed[algorithm].length] ?? Buffer.alloc(0);
    const mutate = mutations[next() % mutations.length];
    const mutated = mutate?.(Buffer.from(sample), next) ?? "";
    const text = typeof mutated === "string" ? mutated : mutated.toString("base64");
    if (Buffer.from(text, "base64").equals(sample)) continue;
    items[`i${index}`] = text;
  }
  const thrown: unknown = await unsealObject(objectOf(items, algorithm), keys).catch((error: unknown) => error);
  if (!(thrown instanceof Failure))
    wrong.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : "damaged values were opened");
  const problems = thrown instanceof Failure ? thrown.problems : [];
  if (problems.length !== Object.keys(items).length)
    wrong.push(`${problems.length} problems for ${Object.keys(items).length} values`);
  for (const problem of problems) {
    const message = check(problem);
    if (message !== undefined) wrong.push(message);
    const kind = problem.message.split(/[:;,]/)[0] ?? "";
    seen.set(kind.replace(/ for .*| \d+ bits/, ""), (seen.get(kind.replace(/ for .*| \d+ bits/, "")) ?? 0) + 1);
  }
  done += Object.keys(items).length;
}

process.stdout.write(`${done} ciphertexts, seed ${seed}\n`);
for (const [kind, times] of [...seen].sort(([, a], [, b]) => b - a))
  process.stdout.write(`${String(times).padStart(8)}  ${kind}\n`);
for (const message of wrong) process.stderr.write(`wrong: ${message}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;

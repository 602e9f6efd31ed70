/**
 * Encrypts invented files with the real sops and decrypts them with it and with ours: `node test/fuzz/sops.ts [COUNT]
 * [SEED]`, 300 without a count. The bytes must be the same. Then one byte of the file is changed: what still opens must
 * be what it was, and nothing but a `Failure` may be thrown.
 */
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../src/model/failure.ts";
import { decryptFile, sopsFormat } from "../../src/seal/index.ts";
import { createRealSops, type RealSops } from "../seal/real-sops.ts";
import { createDice } from "../support/faults/dice.ts";

const [count = "300", seed = String(randomInt(2 ** 31))] = process.argv.slice(2);
const dice = createDice(Number(seed));
const pick = <T>(list: readonly [T, ...T[]]): T => list[dice(list.length) - 1] ?? list[0];
const some = <T>(most: number, one: (index: number) => T): readonly T[] =>
  Array.from({ length: dice(most + 1) - 1 }, (_, index) => one(index));

const texts = [
  ..."|x|a: b|a #b|#c|- d|yes|No|null|~|0777|0o7|1e3|1.50|12:30|2020-01-01|<<|=|'q'|\"q\"| lead|trail |tab\tx|é|🙂|{a}|[b]".split(
    "|",
  ),
  ...[
    "two\nlines",
    "ends\n",
    "\n",
    " x\ny",
    "a \nb",
    "keep\n\n",
    "cr\r\nlf",
    "$x",
    "%y",
    "@z",
    "a,b",
    "x:",
    ":x",
    "\\n",
  ],
] as const;

const scalars = [
  "1",
  "-7",
  "0x1F",
  "017",
  "1_000",
  "1.5",
  "1e3",
  "true",
  "False",
  "null",
  "~",
  "",
  "2020-01-01",
  ".inf",
] as const;
const text = (): string => pick(["x", ...texts]);
const key = (index: number): string =>
  pick([`k${index}`, `"q ${index}"`, `long_${"k".repeat(dice(110))}_${index}`, `y${index}`]);

function yamlValue(indent: string, depth: number): string {
  const roll = dice(10);
  if (depth > 3 || roll < 5)
    return ` ${pick([JSON.stringify(text()), pick(["x", ...scalars]), "plain text"])}${pick(["", "", " # inline"])}\n`;
  const inner = `${indent}  `;
  if (roll === 5) return ` |${pick(["", "-", "+"])}\n${inner}a line\n${inner}  another\n\n`;
  if (roll < 8) return `\n${yamlMap(inner, depth + 1)}`;
  const items = some(3, () => `${yamlComment(inner)}${inner}-${yamlValue(inner, depth + 1).replace(/^\n\s*/, " ")}`);
  return items.length === 0 ? ` ${pick(["[]", "{}"])}\n` : `\n${items.join("")}`;
}

const yamlComment = (indent: string): string =>
  pick(["", "", `${indent}# note\n`, `${indent}#\n${indent}# box\n`, "\n"]);

function yamlMap(indent: string, depth: number): string {
  const members = some(4, (index) => `${yamlComment(indent)}${indent}${key(index)}:${yamlValue(indent, depth)}`);
  const last = `${indent}z:${yamlValue(indent, 9)}`;
  return `${members.join("")}${last}${pick(["", "", `${indent}# end\n`])}`;
}

function jsonValue(depth: number): unknown {
  const roll = dice(8);
  if (roll < 4 || depth > 3)
    return pick<unknown>([text(), dice(2 ** 40), dice(1000) / 8, true, null, 1e21, 1e-7, "<&>\u2028\u0007"]);
  if (roll < 6) return some(4, () => jsonValue(depth + 1));
  return Object.fromEntries(
    some(4, (index) => [pick([`k${index}`, String(index), `ö${index}`]), jsonValue(depth + 1)]),
  );
}

const line = (): string => pick(["x", ...texts]).replaceAll(/[\n\r]/g, "/");
const bytes = (): Buffer => Buffer.from(some(300, () => dice(256) - 1));

const files: readonly [() => readonly [string, string | Buffer], ...(() => readonly [string, string | Buffer])[]] = [
  () => ["f.yaml", some(2, () => `${yamlMap("", 0)}---\n`).join("") + yamlMap("", 0)],
  () => ["f.yaml", yamlMap("", 0)],
  () => ["f.json", JSON.stringify({ a: jsonValue(0), "1": jsonValue(0), z: "last" })],
  () => [
    "f.env",
    `${some(6, (index) => pick([`K${index}=${line()}\n`, "# note\n", "\n", `B${index}=x\r\n`])).join("")}Z=z\n`,
  ],
  () => [
    "f.ini",
    `${some(3, (index) => `${pick(["", "; note\n"])}[s${index}]\n${some(4, (at) => iniLine(at)).join("")}`).join("")}[z]\nz=z\n`,
  ],
  () => ["f.bin", bytes()],
];

const iniLine = (index: number): string =>
  pick([
    `key${index} = ${line()}\n`,
    `k${index}=\`a;b\`\n`,
    "# note\n",
    `k${index}: x ; y\n`,
    `k${index}="""a\nb"""\n`,
    "\n",
  ]);

const rules: readonly [readonly string[], ...(readonly string[])[]] = [
  [],
  [],
  ["--mac-only-encrypted"],
  ["--encrypted-regex", "^k[0-2]"],
  ["--unencrypted-regex", "^z$"],
  ["--unencrypted-suffix", "_1"],
];

async function once(sops: RealSops): Promise<"same" | "not taken"> {
  const [name, content] = pick(files)();
  const args = pick(rules);
  const encrypted = await sops.encrypt(name, content, args).catch(() => undefined);
  const expected = encrypted === undefined ? undefined : await sops.decrypt(name).catch(() => undefined);
  if (encrypted === undefined || expected === undefined) return "not taken";
  const format = sopsFormat(name, encrypted);
  const opened = format === undefined ? undefined : await decryptFile(encrypted, format, sops.keys).catch(String);
  if (Buffer.isBuffer(opened) && opened.equals(expected)) return damaged(sops, name, encrypted, expected);
  throw new Error(
    `differs: ${name} ${args.join(" ")}\n${content}\n--- encrypted\n${encrypted.toString().replaceAll(/^sops:.*?version:[^\n]*$/gms, "SOPS")}\n--- ours\n${opened}\n--- sops\n${expected}`,
  );
}

/** Comments and metadata that nobody reads are not covered by the MAC; values are. */
async function damaged(sops: RealSops, name: string, encrypted: Buffer, expected: Buffer): Promise<"same"> {
  const bad = Buffer.from(encrypted);
  const at = dice(bad.length) - 1;
  bad[at] = (bad[at] ?? 0) ^ dice(255);
  try {
    const format = sopsFormat(name, bad);
    const opened = format === undefined ? expected : await decryptFile(bad, format, sops.keys);
    if (!/#/.test(expected.toString("latin1")) && !/\.(?:ini|env)$/.test(name) && !opened.equals(expected)) {
      throw new Error(
        `opened, though byte ${at} was changed: ${name}\n${bad}\n--- ours\n${opened}\n--- was\n${expected}`,
      );
    }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
  }
  return "same";
}

const directory = await mkdtemp(join(tmpdir(), "mooring-fuzz-sops-"));
try {
  const sops = await createRealSops(directory);
  let compared = 0;
  for (let run = 0; run < Number(count); run++) if ((await once(sops)) === "same") compared += 1;
  process.stdout.write(`sops: ${compared} of ${count} files compared, all the same (seed ${seed})\n`);
} catch (thrown) {
  process.stderr.write(`seed ${seed}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true });
}

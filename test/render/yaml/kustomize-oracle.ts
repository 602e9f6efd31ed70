import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../../../src/model/failure.ts";
import { emitYaml, reread, type YamlValue } from "../../../src/render/yaml/index.ts";

const run = promisify(execFile);

/** What the real kustomize makes of an object: what it prints, or that it refuses it, with its reason. */
export type Printed = { readonly text: string } | { readonly error: string };

/** What this program prints for a value that was read. */
export function printedYaml(value: YamlValue): string {
  const wrong = reread(value);
  if (wrong !== undefined) throw new Failure("YamlInvalid", wrong);
  return emitYaml(value);
}

/**
 * An object that kustomize passes through without a change, with members of a test's own: `body` is the YAML of further
 * members of its top, whole lines.
 */
export const withBody = (index: number, body: string): string =>
  `apiVersion: example.com/v1\nkind: Case\nmetadata:\n  name: case-${index}\n${body}`;

/** What `kustomize build` prints for each body: for all at once where it takes them all, otherwise for one by one. */
export async function printAll(kustomize: string, bodies: readonly string[]): Promise<Printed[]> {
  const together = await print(kustomize, bodies);
  if (typeof together !== "string") return together;
  if (bodies.length <= 1) return bodies.map(() => ({ error: together }));
  const half = Math.ceil(bodies.length / 2);
  const parts = [bodies.slice(0, half), bodies.slice(half)];
  const printed: Printed[] = [];
  for (const part of parts) printed.push(...(await printAll(kustomize, part)));
  return printed;
}

/** One run of kustomize: the objects it prints, in order, or its message where it refuses any. */
async function print(kustomize: string, bodies: readonly string[]): Promise<Printed[] | string> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-yaml-"));
  try {
    const names = bodies.map((_, index) => `case-${index}.yaml`);
    await Promise.all(
      bodies.map((body, index) => writeFile(join(directory, names[index] ?? ""), withBody(index, body))),
    );
    await writeFile(
      join(directory, "kustomization.yaml"),
      `resources:\n${names.map((name) => `- ${name}\n`).join("")}`,
    );
    const { stdout } = await run(kustomize, ["build", directory], { maxBuffer: 2 ** 28 });
    const texts = stdout.split(/^---\n/m);
    const indexOf = (text: string): number => Number(/^ {2}name: case-(\d+)$/m.exec(text)?.[1]);
    const byIndex = new Map(texts.map((text) => [indexOf(text), { text }]));
    return bodies.map((_, index) => byIndex.get(index) ?? { error: "kustomize printed nothing for this object" });
  } catch (cause) {
    return reasonOf(cause).replaceAll(directory, ".");
  } finally {
    await rm(directory, { recursive: true });
  }
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);

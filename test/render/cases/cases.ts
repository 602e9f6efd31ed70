import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One of kustomize's own test cases; NOTICE.md beside them says what each part means. */
export interface Case {
  readonly name: string;
  /** The folder with the files. */
  readonly files: string;
  /** The kustomization to build, relative to `files`. */
  readonly root: string;
  readonly unrestricted: boolean;
  readonly managedByLabel: boolean;
  /** The answers, by order; none where the build fails. */
  readonly expected: readonly { readonly order: "none" | "legacy"; readonly output: string }[];
  readonly error: string | undefined;
}

interface CaseFile {
  readonly root: string;
  readonly expect: "yaml" | "error";
  readonly options?: {
    readonly reorder?: string;
    readonly loadRestrictor?: string;
    readonly enableManagedbyLabel?: boolean;
  };
}

/** All cases of the corpus in a folder. */
export function readCases(corpus: string): readonly Case[] {
  return readdirSync(corpus)
    .filter((name) => existsSync(join(corpus, name, "case.json")))
    .map((name) => readCase(corpus, name));
}

function readCase(corpus: string, name: string): Case {
  const folder = join(corpus, name);
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const { root, expect, options = {} }: CaseFile = JSON.parse(read("case.json"));
  const legacy = existsSync(join(folder, "expected-legacy.yaml")) ? "expected-legacy.yaml" : "expected.yaml";
  const both = [
    { order: "none", file: "expected.yaml" },
    { order: "legacy", file: legacy },
  ] as const;
  const orders = options.reorder === "none" ? both : ([{ order: "legacy", file: "expected.yaml" }] as const);
  return {
    name,
    files: join(folder, "in"),
    root,
    unrestricted: options.loadRestrictor?.includes("None") === true,
    managedByLabel: options.enableManagedbyLabel === true,
    expected: expect === "error" ? [] : orders.map(({ order, file }) => ({ order, output: read(file) })),
    error: expect === "error" ? read("expected-error.txt") : undefined,
  };
}

/** A folder with what the real kustomize made of it; undefined where it refused. */
export interface Answer {
  readonly name: string;
  readonly files: string;
  readonly expected: string | undefined;
}

/** All inputs of a corpus in which every case is built from its root, with one answer. */
export function readAnswers(corpus: string): readonly Answer[] {
  return readdirSync(corpus)
    .filter((name) => existsSync(join(corpus, name, "case.json")))
    .map((name) => {
      const expected = join(corpus, name, "expected.yaml");
      return {
        name,
        files: join(corpus, name, "in"),
        expected: existsSync(expected) ? readFileSync(expected, "utf8") : undefined,
      };
    });
}

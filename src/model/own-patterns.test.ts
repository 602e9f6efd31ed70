import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { literalsIn, slowText } from "../../test/support/regex-attack.ts";

const src = resolve(import.meta.dirname, "..");
const files = globSync("**/*.ts", { cwd: src }).filter((path) => !path.endsWith(".test.ts"));

describe("regular expressions of our own", () => {
  const found = files.flatMap((path) =>
    literalsIn(readFileSync(resolve(src, path), "utf8")).map((pattern) => ({ path, pattern })),
  );

  test("take time in proportion to the text, whatever it is", () => {
    expect(found.length).toBeGreaterThan(300);
    const slow = found.flatMap(({ path, pattern }) => {
      const text = slowText(pattern);
      return text === undefined ? [] : [`${path}: ${pattern} on ${text.slice(0, 100)}…`];
    });
    expect(slow).toEqual([]);
  });

  test("are made from nothing but our own texts", () => {
    const makers = files.filter((path) => /\bRegExp\(/.test(readFileSync(resolve(src, path), "utf8")));
    expect(makers.toSorted()).toEqual(makersOfPatterns.map(([path]) => path).toSorted());
  });
});

/** The only files that put an expression together from texts, none of which is a stranger's. */
const makersOfPatterns: readonly (readonly [path: string, load: () => Promise<unknown>])[] = [
  ["api/duration.ts", () => import("../api/duration.ts")],
  ["cli/command/parse.ts", () => import("../api/duration.ts")],
  ["render/provenance/provenance.ts", () => import("../render/index.ts")],
  ["render/transform/select/label-selector.ts", () => import("../render/transform/select/label-selector.ts")],
  ["rollout/diagnosis/log-tail.ts", () => import("../rollout/diagnosis/log-tail.ts")],
  ["seal/keys/certificate.ts", () => import("../seal/keys/certificate.ts")],
  ["seal/sops/stores/lines.ts", () => import("../seal/sops/stores/lines.ts")],
  ["seal/sops/stores/yaml/style.ts", () => import("../seal/sops/stores/yaml/style.ts")],
  ["template/syntax/lex.ts", () => import("../template/syntax/lex.ts")],
];

describe("expressions put together when the program starts", () => {
  const made: RegExp[] = [];
  const native = globalThis.RegExp;

  beforeAll(async () => {
    // Another test file in the same worker may have loaded them already.
    vi.resetModules();
    globalThis.RegExp = new Proxy(native, {
      construct(target, [source, flags]) {
        const pattern = new target(source, flags);
        made.push(pattern);
        return pattern;
      },
    });
    for (const [, load] of makersOfPatterns) await load();
  });
  afterAll(() => {
    globalThis.RegExp = native;
  });

  test("take time in proportion to the text as well", async () => {
    const { durationPattern } = await import("../api/duration.ts");
    const all = [...made, new native(durationPattern)];
    expect(all.length).toBeGreaterThan(8);
    expect(all.filter((pattern) => slowText(pattern) !== undefined).map(String)).toEqual([]);
  });
});

describe("the detector", () => {
  test.each([
    /\s+$/,
    /(a+)+$/,
    /^(a|a)*$/,
    /^foo\s*(\w+\s*)*$/,
    /a.*b.*c/,
    /^data:(.+),iv:(.+),tag:(.+),type:(.+)\]/,
    /^(\d+)+x/,
    /<!--.*-->/,
  ])("finds %s", (pattern) => {
    expect(slowText(pattern)).toBeDefined();
  });

  test.each([/^\s+$/, /^[a-z]+(?:-[a-z]+)*$/, /(?<! ) +$/, /"[^"]*"/, /^data:([^,]+),iv:([^,]+)$/])(
    "passes %s",
    (pattern) => {
      expect(slowText(pattern)).toBeUndefined();
    },
  );

  test("finds literals and no divisions", () => {
    expect(
      literalsIn('const a = b / c / d; f(/x"[/]y/g, 1); // not /this/\nreturn /z/.test(`/no/`);').map(String),
    ).toEqual(['/x"[/]y/g', "/z/"]);
  });
});

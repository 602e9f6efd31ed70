import { describe, expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import { parseCommandLine } from "./parse.ts";

const declared = {
  flags: {
    output: { type: "string", short: "o", value: "FILE", summary: "" },
    format: { type: "string", value: "FORMAT", choices: ["json", "yaml"], default: "yaml", summary: "" },
    "from-file": { type: "list", value: "FILE", summary: "" },
    force: { type: "boolean", short: "f", summary: "" },
  },
  arguments: {
    dir: { summary: "the directory" },
    name: { summary: "the name", optional: true },
  },
} as const;

const parse = (line: string) => parseCommandLine(line.split(" "), declared);

function problemsOf(line: string): readonly string[] {
  try {
    parse(line);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "UsageInvalid") throw thrown;
    return thrown.problems.map(({ message, hint }) => (hint === undefined ? message : `${message}; ${hint}`));
  }
  return [];
}

const nothing = { output: undefined, format: "yaml", "from-file": [], force: false };

describe("a command line that can be understood", () => {
  const cases: readonly (readonly [line: string, flags: object, places: object])[] = [
    ["apps", nothing, { dir: "apps", name: undefined }],
    ["apps web", nothing, { dir: "apps", name: "web" }],
    ["apps --output out.yaml", { ...nothing, output: "out.yaml" }, { dir: "apps", name: undefined }],
    ["--output=out.yaml apps", { ...nothing, output: "out.yaml" }, { dir: "apps", name: undefined }],
    ["-o out.yaml apps", { ...nothing, output: "out.yaml" }, { dir: "apps", name: undefined }],
    ["-oout.yaml apps", { ...nothing, output: "out.yaml" }, { dir: "apps", name: undefined }],
    ["-o - apps", { ...nothing, output: "-" }, { dir: "apps", name: undefined }],
    ["--output=-x apps", { ...nothing, output: "-x" }, { dir: "apps", name: undefined }],
    ["-f apps", { ...nothing, force: true }, { dir: "apps", name: undefined }],
    ["-fo out.yaml apps", { ...nothing, force: true, output: "out.yaml" }, { dir: "apps", name: undefined }],
    ["--force=false apps", nothing, { dir: "apps", name: undefined }],
    ["--from-file a --from-file=b apps", { ...nothing, "from-file": ["a", "b"] }, { dir: "apps", name: undefined }],
    ["-f -- --apps -o", { ...nothing, force: true }, { dir: "--apps", name: "-o" }],
    ["--output a --output b apps", { ...nothing, output: "b" }, { dir: "apps", name: undefined }],
  ];
  test.each(cases)("%s", (line, flags, places) => {
    const parsed = parse(line);
    expect(parsed.flags).toEqual(flags);
    expect(parsed.arguments).toEqual(places);
  });

  test("global flags are read wherever they stand", () => {
    const { global } = parse("--context=prod apps -n shop -v");
    expect(global).toMatchObject({ context: "prod", namespace: "shop", verbose: true, color: "auto", help: false });
  });

  test("an argument that takes all takes all", () => {
    const many = { flags: {}, arguments: { files: { summary: "", many: true } } } as const;
    expect(parseCommandLine(["a", "b", "c"], many).arguments.files).toEqual(["a", "b", "c"]);
  });

  test("help is given although arguments are missing", () => {
    expect(parseCommandLine(["-h"], declared).global.help).toBe(true);
  });
});

describe("a command line that cannot be understood", () => {
  const cases: readonly (readonly [line: string, problems: readonly string[]])[] = [
    ["--force", ["DIR is missing: the directory"]],
    ["a b c d", ['unexpected argument "c"', 'unexpected argument "d"']],
    ["a --ouptut=x", ["unknown flag --ouptut; did you mean --output?"]],
    ["a -x", ["unknown flag -x"]],
    ["a --__proto__=1", ["unknown flag --__proto__"]],
    ["a --output", ["--output requires a value: --output FILE"]],
    ["a --output --force", ["--output requires a value: --output FILE"]],
    ["a --format jsn", ['--format must be one of json, yaml, not "jsn"; did you mean json?']],
    ["a --force=maybe", ['--force must be true or false, not "maybe"']],
    [
      "--colour --force=2",
      [
        "unknown flag --colour; did you mean --color?",
        '--force must be true or false, not "2"',
        "DIR is missing: the directory",
      ],
    ],
  ];
  test.each(cases)("%s", (line, problems) => {
    expect(problemsOf(line)).toEqual(problems);
  });
});

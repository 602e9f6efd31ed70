import { describe, expect, test } from "vitest";
import { defineCommand, type Entry } from "./command.ts";
import { findCommand } from "./find-command.ts";

const command = defineCommand({ arguments: {}, flags: {}, examples: [], run: async () => 0 });
const entry = (name: string, ...aliases: readonly string[]): Entry => ({
  name,
  aliases,
  summary: "",
  load: async () => command,
});
const registry = [entry("build"), entry("get environments", "get env"), entry("secrets set"), entry("secrets edit")];

describe("what a command line asks for", () => {
  const cases: readonly (readonly [line: string, name: string, rest: readonly string[]])[] = [
    ["build dir -o out", "build", ["dir", "-o", "out"]],
    ["--context prod build dir", "build", ["--context", "prod", "dir"]],
    ["get environments web", "get environments", ["web"]],
    ["get env", "get environments", []],
    ["get -n shop env", "get environments", ["-n", "shop"]],
    ["build build", "build", ["build"]],
  ];
  test.each(cases)("%s", (line, name, rest) => {
    expect(findCommand(line.split(" "), registry)).toMatchObject({ type: "command", entry: { name }, rest });
  });

  test.each([
    [[], []],
    [["--version"], []],
    [["secrets"], ["secrets"]],
    [["secrets", "--help"], ["secrets"]],
  ])("%j is a group", (args, words) => {
    expect(findCommand(args, registry)).toMatchObject({ type: "group", words });
  });

  test.each([
    ["biuld", 'unknown command "biuld" (did you mean "mooring build"?)'],
    ["get envs", 'unknown command "get envs" (did you mean "mooring get env"?)'],
    ["secret set", 'unknown command "secret" (did you mean "mooring secrets"?)'],
    ["frobnicate", 'unknown command "frobnicate" (see "mooring --help")'],
  ])("%s is unknown", (line, message) => {
    expect(() => findCommand(line.split(" "), registry)).toThrow(message);
  });
});

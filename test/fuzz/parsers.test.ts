import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readsOrRefuses, texts } from "./parsers/run.ts";
import { parsers } from "./parsers/table.ts";

/** A short run of `npm run fuzz`, the same every time. */
describe("every parser of foreign text", () => {
  test.each(parsers.map((parser) => [parser.name, parser] as const))(
    "%s refuses or reads what it is given",
    async (_, parser) => {
      await fc.assert(
        fc.asyncProperty(texts(parser), (text) => readsOrRefuses(parser, text)),
        { seed: 10, numRuns: 25 },
      );
    },
  );

  test("names that every object has change nothing anywhere", async () => {
    const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
    const forms = names.flatMap((name) => [
      ...[name, `${name}=x`, `${name}: {polluted: yes}`, `[${name}]\npolluted=1`, `{"${name}": {"polluted": true}}`],
      ...[`/${name}/polluted`, `${name}.polluted`, `sops_${name}__map_polluted=1`, `{"f:${name}": {"f:polluted": {}}}`],
      ...[`{{ .${name}.polluted }}`, `{{ $d := dict "${name}" "x" }}{{ $d.${name} }}`, `${name} in (polluted)`],
      `[{"op": "add", "path": "/${name}/polluted", "value": true}]`,
    ]);
    for (const parser of parsers) for (const form of forms) await readsOrRefuses(parser, form);
    expect([Reflect.get({}, "polluted"), Reflect.get([], "polluted"), Reflect.get(() => 0, "polluted")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

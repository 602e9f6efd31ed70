import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  [
    '{{ quote "a\\tb\\x00\\x7f\\u00a0\\u200b\\ufeff\\U0001F600\\xff\\\\" }}',
    '"a\\tb\\x00\\x7f\\u00a0\\u200b\\ufeff😀\\xff\\\\"',
  ],
  ['{{ quote "\\ufffd" }}', '"�"'],
  [
    '{{ quote "\\xc3" }} {{ quote "\\xe2\\x82" }} {{ quote "\\xf0\\x9f\\x98" }}',
    '"\\xc3" "\\xe2\\x82" "\\xf0\\x9f\\x98"',
  ],
  ['{{ quote "\\a\\b\\f\\n\\r\\t\\v" }}', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['{{ quote "é ü \\u0301" }}', '"é ü ́"'],
  ['{{ quote "\\xed\\xa0\\x80" }}', '"\\xed\\xa0\\x80"'],
  ['{{ quote "\\U000E0001" }} {{ quote "\\ue000" }} {{ quote "\\u2028" }}', '"\\U000e0001" "\\ue000" "\\u2028"'],
];

describe("quote, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });
});

import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  ["{{ add 1 2 3 }} {{ add }} {{ add 1 }}", "6 0 1"],
  ["{{ add1 4 }} {{ add1 .number }}", "5 43"],
  ["{{ sub 5 7 }} {{ mul 2 3 4 }} {{ mul 5 }}", "-2 24 5"],
  ["{{ div 7 2 }} {{ div -7 2 }} {{ mod 7 3 }} {{ mod -7 2 }}", "3 -3 1 -1"],
  ["{{ max 1 5 3 }} {{ min 4 2 }} {{ max 1 }} {{ max -1 -5 }}", "5 2 1 -1"],
  [
    '{{ int "12" }} {{ int "x" }} {{ int 3.9 }} {{ int -3.9 }} {{ int true }} {{ int nil }} {{ int "" }}',
    "12 0 3 -3 1 0 0",
  ],
  ['{{ int64 "12" }} {{ int64 3.9 }} {{ atoi "7" }} {{ atoi "x" }} {{ atoi "-5" }}', "12 3 7 0 -5"],
  ['{{ float64 "1.5" }} {{ float64 2 }} {{ float64 "x" }}', "1.5 2 0"],
  ["{{ add 9223372036854775807 1 }}", "-9223372036854775808"],
  ["{{ mul 9223372036854775807 2 }}", "-2"],
  ['{{ add "2" "3" }} {{ add 1.9 1.9 }} {{ add true true }}', "5 2 2"],
  ['{{ int "012" }} {{ int "0x10" }} {{ int "1e3" }} {{ int " 5" }} {{ int "+5" }} {{ int "1.9" }}', "10 16 0 0 5 0"],
  ["{{ sub .number 2 }}", "40"],
  ['{{ int "9223372036854775808" }}', "0"],
  ['{{ atoi "012" }} {{ atoi "0x10" }} {{ atoi " 5" }} {{ atoi "+5" }}', "12 0 0 5"],
  ['{{ float64 "1e3" }} {{ float64 true }} {{ float64 nil }} {{ float64 "" }}', "1000 1 0 0"],
  ['{{ float64 "0x10" }}', "0"],
  ['{{ int64 "99999999999999999999" }}', "0"],
  ['{{ int "0b11" }} {{ int "0o17" }} {{ int "1_000" }}', "3 15 1000"],
  ['{{ add 1.5 "1.5" }}', "1"],
  ['{{ int "00" }} {{ int "0" }} {{ int "-012" }} {{ int "08" }} {{ int "09" }}', "0 0 -10 0 0"],
];

/** What both refuse, and how Mooring words it. */
const refused: readonly (readonly [source: string, problem: string])[] = [
  ["{{ div 1 0 }}", "a division by zero"],
  ["{{ mod 1 0 }}", "a division by zero"],
  ["{{ sub 1 }}", "wrong number of arguments for sub: 1"],
  ["{{ atoi 5 }}", "a string is needed, not an integer"],
  ['{{ div 1 "x" }}', "a division by zero"],
];

/** What Mooring refuses: Go's text would go unnoticed, depends on the machine, or is not supported. */
const stricter: readonly (readonly [source: string, problem: string])[] = [
  // Go: "-9223372036854775808"
  ["{{ int 1e19 }}", "a float is too large for an integer"],
];

describe("sprig's arithmetic, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(refused)("%s is refused", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });

  test.each(stricter)("%s is refused by Mooring alone", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });
});

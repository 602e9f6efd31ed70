import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  ['{{ printf "%s %s" "a" "b" }}', "a b"],
  ['{{ printf "%d|%5d|%-5d|%05d|%+d|% d|%x|%X" 42 42 42 42 42 42 255 255 }}', "42|   42|42   |00042|+42| 42|ff|FF"],
  ['{{ printf "%d|%05d|%+d|% d|%x" -42 -42 -42 -42 -255 }}', "-42|-0042|-42|-42|-ff"],
  ['{{ printf "%v %v %v %v %v" 1 "a" true 1.5 nil }}', "1 a true 1.5 <nil>"],
  ['{{ printf "%v %v" (list 1 "a") (dict "b" 1) }}', "[1 a] map[b:1]"],
  ['{{ printf "%s" (list "a" "b") }} {{ printf "%q" (list "a") }}', '[a b] ["a"]'],
  ['{{ printf "%q %q" "a\\"b" "é\\n\\x00\\xff" }}', '"a\\"b" "é\\n\\x00\\xff"'],
  ['{{ printf "%5s|%-5s|%.2s|%5.1s" "ab" "ab" "abc" "abc" }}', "   ab|ab   |ab|    a"],
  ['{{ printf "%.2s|%4s" "éàü" "é" }}', "éà|   é"],
  [
    '{{ printf "%f|%.2f|%8.2f|%-8.2f|%08.2f|%+.1f|%.0f" 3.14159 3.14159 3.14159 3.14159 -3.14159 2.5 2.5 }}',
    "3.141590|3.14|    3.14|3.14    |-0003.14|+2.5|2",
  ],
  ['{{ printf "%t|%5t" true false }}', "true|false"],
  ['{{ printf "%c%c%c" 65 233 128512 }}', "Aé😀"],
  ['{{ printf "%%|%5%" }}', "%|%"],
  ['{{ printf "%x %X" "hé" "hé" }}', "68c3a9 68C3A9"],
  ['{{ printf "a" }}', "a"],
  ['{{ printf "" }}', ""],
  ['{{ printf "%05s|%-05d|%05v" "ab" 42 7 }}', "000ab|42   |00007"],
  ['{{ printf "%+v %+v" 5 1.5 }}', "5 1.5"],
  ['{{ printf "%v|%5v|%-5v|" 1.0 true "a" }}', "1| true|a    |"],
  ['{{ printf "%.3d" 5 }}', "005"],
  ['{{ printf "%5c|%-3c|" 65 65 }}', "    A|A  |"],
  ['{{ printf "%10q" "a" }}', '       "a"'],
  ['{{ printf "%.200f" 1.5 | len }}', "202"],
  ['{{ printf "%c" 1114112 }}', "�"],
  ['{{ printf "%c" -1 }}', "�"],
  ['{{ printf "%.1f %.1f %.1f" 0.25 0.35 1e22 }}', "0.2 0.3 10000000000000000000000.0"],
  ['{{ printf "%f" 1e21 }}', "1000000000000000000000.000000"],
  ['{{ printf "%x" (list "ab") }}', "[6162]"],
  ['{{ printf "%5000d" 1 | len }}', "5000"],
  ['{{ printf "%d" (list 1 2) }}', "[1 2]"],
  ['{{ printf "%v" (list nil) }}', "[<nil>]"],
  ['{{ printf "%.2v" "abc" }}', "ab"],
  ['{{ printf "%.x" 5 }}', "5"],
  ['{{ printf "%+s" "é" }}', "é"],
  ['{{ printf "%5x|%05x" 255 255 }}', "   ff|000ff"],
  ['{{ printf "%5x|" "a" }}', "   61|"],
  ['{{ printf "%.1x" "abc" }}', "61"],
  ['{{ printf "%+d" 0 }}', "+0"],
  ['{{ printf "%-+5d|" 3 }}', "+3   |"],
  ['{{ printf "%.10d|%5.3d|%05.3d" 5 5 5 }}', "0000000005|  005|  005"],
  ['{{ printf "%+c" 65 }}', "A"],
  ['{{ printf "%5v|%5v" (list 1 2) (dict "a" 1) }}', "[    1     2]|map[    a:    1]"],
  ['{{ printf "%5s" (list "a" "b") }}', "[    a     b]"],
  ['{{ printf "%-5q|" (list "a") }}', '["a"  ]|'],
  ['{{ printf "% v" 5 }}', " 5"],
  ['{{ printf "%07.2f|%+07.2f" 3.14159 3.14159 }}', "0003.14|+003.14"],
];

/** What Mooring refuses: Go's text would go unnoticed, depends on the machine, or is not supported. */
const stricter: readonly (readonly [source: string, problem: string])[] = [
  // Go: "1.5 1.500000e+00 1.5"
  ['{{ printf "%g %e %G" 1.5 1.5 1.5 }}', "printf: %g is not supported"],
  // Go: "10 101 U+0041"
  ['{{ printf "%o %b %U" 8 5 65 }}', "printf: %o is not supported"],
  // Go: "int"
  ['{{ printf "%T" 5 }}', "printf: %T is not supported"],
  // Go: "0x1.8p+00"
  ['{{ printf "%x" 1.5 }}', "printf: %x cannot format a float"],
  // Go: "'A'"
  ['{{ printf "%q" 65 }}', "printf: %q cannot format an integer"],
  // Go: "a"
  ['{{ printf "%[1]s" "a" }}', "printf: %[ is not supported"],
  // Go: "   42"
  ['{{ printf "%*d" 5 42 }}', "printf: %* is not supported"],
  // Go: "0xff"
  ['{{ printf "%#x" 255 }}', "printf: a flag of %x is not supported"],
  // Go: "\"a\""
  ['{{ printf "%#v" "a" }}', "printf: a flag of %v is not supported"],
  // Go: "61 62 63"
  ['{{ printf "% x" "abc" }}', "printf: a flag of %x is not supported"],
  // Go: "%!s(int=5)"
  ['{{ printf "%s" 5 }}', "printf: %s cannot format an integer"],
  // Go: "%!d(string=a)"
  ['{{ printf "%d" "a" }}', "printf: %d cannot format a string"],
  // Go: "1 %!d(MISSING)"
  ['{{ printf "%d %d" 1 }}', "printf: the format needs more arguments"],
  // Go: "1%!(EXTRA int=2)"
  ['{{ printf "%d" 1 2 }}', "printf: there are more arguments than the format needs"],
  // Go: "%!z(int=1)"
  ['{{ printf "%z" 1 }}', "printf: %z is not supported"],
  // Go: "%!(NOVERB)"
  ['{{ printf "%" }}', "printf: the format needs more arguments"],
  // Go: "1"
  ['{{ printf "%.v" 1.25 }}', "printf: a precision of %v is not supported for a float"],
  // Go: "1.2"
  ['{{ printf "%.2v" 1.25 }}', "printf: a precision of %v is not supported for a float"],
  // Go: "\"\\u00e9\""
  ['{{ printf "%+q" "é" }}', "printf: a flag of %q is not supported"],
  // Go: "`a`"
  ['{{ printf "%#q" "a" }}', "printf: a flag of %q is not supported"],
  // Go: "%!s(<nil>)"
  ['{{ printf "%s" nil }}', "printf: %s cannot format nil"],
];

describe("printf, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(stricter)("%s is refused by Mooring alone", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });
});

import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  [
    '{{ print }}|{{ print 1 2 }}|{{ print 1 "a" 2 }}|{{ print "a" "b" }}|{{ print 1 2 "a" 3 true }}',
    "|1 2|1a2|ab|1 2a3 true",
  ],
  ['{{ println }}{{ println 1 "a" }}', "\n1 a\n"],
  ["{{ toString 5 }}{{ toString true }}{{ toString 1.5 }}{{ toString (list 1) }}", "5true1.5[1]"],
  ['{{ trim " \\t a b \\n\\u00a0" }}|', "a b|"],
  ['{{ trimAll "$" "$5.00$" }}|{{ trimAll "é" "éaé" }}|{{ trimAll "" "a" }}|{{ trimAll "a" "aaa" }}', "5.00|a|a|"],
  [
    '{{ trimPrefix "ad" .user }}|{{ trimPrefix "x" .user }}|{{ trimSuffix "min" .user }}|{{ trimSuffix "" .user }}',
    "min|admin|ad|admin",
  ],
  ['{{ nospace " a b\\tc \\n" }}', "abc"],
  ['{{ upper "aé" }} {{ lower "AÉ" }} {{ upper "ß" }} {{ lower "İ" }}', "AÉ aé ß i"],
  [
    '{{ title "hello wörld" }} {{ title "it\'s a o_k" }} {{ title "a-b.c" }} {{ title "1st" }}',
    "Hello Wörld It'S A O_k A-B.C 1st",
  ],
  ['{{ untitle "Hello World" }} {{ untitle "A-B C" }}', "hello world a-B c"],
  ['{{ repeat 3 "ab" }}|{{ repeat 0 "a" }}', "ababab|"],
  [
    '{{ substr 1 3 .user }}|{{ substr 2 -1 .user }}|{{ substr -1 2 .user }}|{{ substr 0 99 .user }}|{{ substr 2 2 .user }}|{{ substr 0 1 "é" | printf "%q" }}',
    'dm|min|ad|admin||"\\xc3"',
  ],
  [
    "{{ trunc 3 .user }}|{{ trunc -3 .user }}|{{ trunc 99 .user }}|{{ trunc -99 .user }}|{{ trunc 0 .user }}",
    "adm|min|admin|admin|",
  ],
  [
    '{{ contains "mi" .user }} {{ contains "" .user }} {{ hasPrefix "ad" .user }} {{ hasSuffix "x" .user }}',
    "true true true false",
  ],
  [
    '{{ replace "m" "MM" .user }}|{{ replace "" "-" "abc" }}|{{ replace "$" "$&" "a$b" }}|{{ replace "a" "" "banana" }}',
    "adMMin|-a-b-c-|a$&b|bnn",
  ],
  ['{{ replace "" "-" "é" }}', "-é-"],
  [
    '{{ quote "a\\"b" 1 nil true }}|{{ squote "a\'b" 1 nil }}|{{ quote }}|{{ quote 1.5 (list 1) }}',
    '"a\\"b" "1" "true"|\'a\'b\' \'1\'||"1.5" "[1]"',
  ],
  ['{{ cat .user 1 nil "x" }}|{{ cat }}', "admin 1 x|"],
  [
    '{{ indent 2 "a\\nb" }}|{{ nindent 4 "a\\nb\\n" }}|{{ indent 0 "a" }}|{{ indent 2 "" }}|',
    "  a\n  b|\n    a\n    b\n    |a|  |",
  ],
  [
    '{{ join "-" (list 1 nil "x" true) }}|{{ join "," "abc" }}|{{ join "," (list) }}|{{ join "," nil }}|{{ join "+" (splitList "," .csv) }}|{{ join "," 5 }}',
    "1-x-true|abc|||b+a+c+a|5",
  ],
  [
    '{{ splitList "," .csv }}|{{ splitList "," "" | len }}|{{ splitList "" "aé" }}|{{ splitList "x" "abc" }}|{{ splitList "," "," | len }}',
    "[b a c a]|1|[a é]|[abc]|2",
  ],
  ['{{ (split "," .csv)._1 }}|{{ split "," "a" }}|{{ split "," "a,b" }}', "a|map[_0:a]|map[_0:a _1:b]"],
  [
    '{{ sortAlpha (list "b" "a" "B" "é") }}|{{ sortAlpha (list 3 20 1) }}|{{ sortAlpha (list) }}|{{ sortAlpha "a" }}',
    "[B a b é]|[1 20 3]|[]|[a]",
  ],
  ['{{ html "<a b=\'c\'>&\\"\\u0000" }}', "&lt;a b=&#39;c&#39;&gt;&amp;&#34;�"],
  ['{{ urlquery "a b&c=d/é~*" }}', "a+b%26c%3Dd%2F%C3%A9~%2A"],
  ['{{ html 5 }} {{ urlquery 5 }} {{ html "a" 1 2 }} {{ urlquery "a" "b" }}', "5 5 a1 2 ab"],
  ['{{ len "é" }} {{ len (list 1 2) }} {{ len (dict "a" 1) }} {{ len "" }}', "2 2 1 0"],
  ['{{ cat (list 1 2) "a" }}', "[1 2] a"],
  ['{{ title "ǆ éa" }}', "ǅ Éa"],
  ['{{ trim "\\u0085a\\u2003" }}|', "a|"],
  ['{{ upper "ŉ ǰ" }}', "ŉ ǰ"],
  ['{{ lower "Σ ΑΣ" }}', "σ ασ"],
  ['{{ nospace "a\\u00a0b\\u2003c" }}', "aÂbâc"],
];

/** What both refuse, and how Mooring words it. */
const refused: readonly (readonly [source: string, problem: string])[] = [
  ['{{ toString nil }}|{{ trim .missing | default "x" }}', "a string is needed, not nil"],
  ['{{ repeat -1 "a" }}', "repeat: the count is negative or too large"],
  ["{{ repeat 3 5 }}", "a string is needed, not an integer"],
  ["{{ substr 3 1 .user }}", "substr: the start is behind the end"],
  ["{{ substr 9 -1 .user }}", "substr: a position is outside the string"],
  ["{{ upper nil }}", "a string is needed, not nil"],
  ["{{ trim 5 }}", "a string is needed, not an integer"],
  ['{{ indent -1 "a" }}', "repeat: the count is negative or too large"],
  ['{{ replace "a" "b" }}', "wrong number of arguments for replace: 2"],
  ['{{ contains 5 "a" }}', "a string is needed, not an integer"],
  ['{{ splitList 1 "a" }}', "a string is needed, not an integer"],
  ["{{ len 5 }}", "an integer has no length"],
  ["{{ len nil }}", "nil has no length"],
  ["{{ len true }}", "a boolean has no length"],
];

describe("functions over strings, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(refused)("%s is refused", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });
});

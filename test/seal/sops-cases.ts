import { randomBytes } from "node:crypto";

/** A manifest. */
export const secret = `# the database
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
stringData:
  # as the vendor gave it
  password: "pä'\\"\\nb" # trailing
  multi: |
    line 1
    line 2
`;

const everything = `# top
"quoted key": "yes"
"123": digits
a: 1
f: 1.50
tiny: 0.0000001
huge: 123456789012345678
yes_no: true
texts: ["yes", "no", "on", "y", "0x1F", "017", "1_000", "12:30:45", "null", "~", "1e3", "="]
nothing: null
empty: ""
date: 2020-01-01
text: "2020-01-01"
list: [a, 1, {x: y, z: [2.5, null]}]
deep: {deeper: {deepest: "🙂 & <x>"}}
plain_unencrypted: 12
left_unencrypted: {a: 1.5, b: false, c: text, d: [x, 3]}
`;

const scalars = `a: "trailing "
b: "a: b"
c: "tab\\tx"
d: "x\\ny"
e: "\\n"
f: "  x\\ny"
g: "\\r\\n"
h: "- x"
i: "'q'"
j: "a \\nb"
k: "%x"
l: "<<"
m: "\\u00a0\\u0085\\ufeff\\x7f"
n: "1:30"
o: "Off"
p: |+
  keep

"1": 2
"": e
left_unencrypted: {t: 2001-12-14t21:59:43.10-05:00, u: 2002-1-2, o: 0777, p: 0o17, h: 0x1F, s: 1_000, z: 08, f: 1000000.5, e: [], m: {}, n: null}
`;

const comments = `# top

# second
a: 1 # inline
# before b
b:
  # inside b
  c: 1
  # foot of b
d:
  # head of list
  - x # in x
  # before y
  - y
  # foot of list
e: # behind a key
  f: 1
#
# box
#
g: {}
# end
`;

const numbers =
  '{"b":[1.5,"x",true,null,{"c":"d"}],"a":1,"10":"x","2":"y","data":"q/\\u00e9","h":"<a&b>\\u2028\\u0001","big":9007199254740993,"e":1e2,"f":1.0,"z":-0.0,"o":{},"l":[]}';

const ini = `; head
[one]
a = \`x#y\`
longer_key = "quoted"
c = '  sp '
d=
[empty]

# second
[two] ; behind
; on k
k: v
m = """several
lines"""
n = a\\
  b
`;

/** Name of the file, its content, further arguments of sops. */
export const cases: readonly (readonly [string, string | Buffer, readonly string[]])[] = [
  ["everything.yaml", everything, []],
  ["everything-mac.yaml", everything, ["--mac-only-encrypted"]],
  ["scalars.yaml", scalars, []],
  ["comments.yaml", comments, []],
  ["comments-plain.yaml", comments, ["--encrypted-regex", "^none$"]],
  ["suffix.yaml", "a_secret: x\nb: y\nc_secret: {d: 1}\n", ["--encrypted-suffix", "_secret"]],
  ["regex.yaml", secret, ["--encrypted-regex", "^(data|stringData)$"]],
  ["unregex.yaml", secret, ["--unencrypted-regex", "^(kind|apiVersion|metadata)$"]],
  ["flags.yaml", "Abc: x\nd: y\n", ["--encrypted-regex", "(?i)^ABC$"]],
  ["comment.yaml", "# ENCRYPT\na: x\nb: y\n# plain\n# ENCRYPT\nc:\n  d: 1\n", ["--encrypted-comment-regex", "ENCRYPT"]],
  ["uncomment.yaml", "# PLAIN\na: x\nb: y\n# note\nc:\n  d: 1\n", ["--unencrypted-comment-regex", "PLAIN"]],
  ["two.yaml", "a: x\n---\nb: y\nc: [1]\n", []],
  ["three.yaml", "# one\na: x\n# foot\n---\n# two\nb: y\n---\n---\nc: 1\n", []],
  ["nested.yaml", 'l:\n  - |\n    a\n  - x: |\n      c\n    y: "  e\\nf"\n  - - 1\n    - |\n      q\n  - {}\n', []],
  ["crlf.yaml", "\ufeffa: b\r\nc: |\r\n  x\r\n  y\r\n", []],
  ["file.json", numbers, []],
  ["file.env", 'A=b\n# comment\nB=x y\\nz\nEMPTY=\nQ="q"\n', []],
  ["crlf.env", "A=b\r\nC=d\r\n", []],
  ["bytes.env", Buffer.from("A=\xff\xfe\xe9\nB=x\xa0\n\xe9=1\n", "latin1"), []],
  ["file.ini", "top = 1\n[s]\na=b ; c\n; k\nx = 5\nlong = a;b#c\n[t]\ny=1\n", []],
  ["quoted.ini", ini, []],
  ["bytes.ini", Buffer.from("\xef\xbb\xbf[s]\r\na = \xc3\xa0\r\nb = \xff\xfe x\nc=\xa0\n", "latin1"), []],
  ["file.bin", Buffer.from("a key\n\0\x01 binary"), []],
  ["random.bin", randomBytes(300), []],
  ["file.txt", "plain text, ünïcode\n", []],
];

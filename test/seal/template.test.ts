import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { objectAt } from "../../src/model/json/json.ts";
import {
  type NewSealingKey,
  newSealingKey,
  readCertificate,
  renderTemplatesHere,
  sealSecret,
} from "../../src/seal/index.ts";
import { goMissing } from "../toolchain/tools.ts";
import { type Kubeseal, kubeseal, readObject } from "./kubeseal.ts";

const values: Readonly<Record<string, Buffer>> = {
  user: Buffer.from("admin"),
  pass: Buffer.from("pä$$ <w&rd>\"'\\\n"),
  empty: Buffer.alloc(0),
  binary: Buffer.from([0xff, 0x00, 0xfe, 0x41]),
  padded: Buffer.from("  a b\tc \n"),
  number: Buffer.from("42"),
  csv: Buffer.from("b,a,c,a"),
  json: Buffer.from('{"b":[1,2.5,"x<y"],"a":null,"t":true}'),
  "with-dash": Buffer.from("dashed"),
  mixed: Buffer.from("hElLo wÖrld"),
};

/** Every template, once through the real kubeseal and once through ours; the outputs must be the same bytes. */
const templates: readonly string[] = [
  "plain",
  "user={{ .user }} pass={{ .pass }}",
  '{{ index . "with-dash" }}',
  '{{.missing}}|{{ .missing | default "fallback" }}|{{ index . "missing" }}|',
  "{{- /* a comment */ -}}  x  {{- .user -}}  y",
  "a {{/* c */}} b",
  "{{ if .user }}yes{{ else }}no{{ end }}{{ if .empty }}yes{{ else }}no{{ end }}",
  '{{ if eq .user "root" }}1{{ else if eq .user "admin" "other" }}2{{ else }}3{{ end }}',
  "{{ with .user }}<{{ . }} {{ $.number }}>{{ else }}none{{ end }}{{ with .empty }}x{{ else }}none{{ end }}",
  "{{ with .empty }}a{{ else with .user }}b{{ . }}{{ end }}",
  '{{ range $i, $v := splitList "," .csv }}{{ if $i }};{{ end }}{{ $i }}={{ $v }}{{ end }}',
  '{{ range $v := splitList "," .csv }}[{{ $v }}]{{ end }}{{ range list }}x{{ else }}none{{ end }}',
  "{{ range $k, $v := . }}{{ $k }} {{ end }}",
  '{{ $x := "a" }}{{ if true }}{{ $x = "b" }}{{ end }}{{ $x }}',
  '{{ $x := .user }}{{ $y := printf "%s!" $x }}{{ $y }}',
  "{{ range 3 }}{{ . }}{{ end }}",
  "{{ not .empty }} {{ and .user .number }} {{ or .empty .user }} {{ and .user .empty }}|",
  '{{ ne .user .number }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1 2 }} {{ ge 1.5 1.5 }} {{ eq 1 1 }} {{ lt "a" "b" }}',
  '{{ len .pass }} {{ len (splitList "," .csv) }} {{ len . }}',
  '{{ print 1 2 "a" 3 true }} {{ println .user 1 }}',
  '{{ printf "%s %d %v %q %x %t %5d|%-5s|%05d %.2f %% %c %+d %X" .user 7 true .pass .binary false 42 "ab" -42 3.14159 65 5 255 }}',
  '{{ printf "%v %v %s" (list 1 "a" true) (dict "b" 1 "a" 2) (list "x" "y") }}',
  "{{ .binary | b64enc }} {{ .binary | len }} {{ .binary | sha256sum }} {{ .user | sha1sum }}",
  "{{ .binary }}",
  '{{ "aGVsbG8=" | b64dec }}',
  "{{ .pass | quote }} {{ .binary | quote }} {{ squote .user 1 true }} {{ quote .user .number 5 }}",
  '{{ .padded | trim }}|{{ .padded | nospace }}|{{ trimAll "$" "$5.00$" }}|{{ trimPrefix "ad" .user }}|{{ trimSuffix "min" .user }}',
  '{{ .mixed | upper }} {{ .mixed | lower }} {{ .mixed | title }} {{ title "it\'s a o_k" }} {{ untitle "Hello World" }}',
  '{{ repeat 3 "ab" }} {{ substr 1 3 .user }} {{ substr 2 -1 .user }} {{ substr -1 2 .user }} {{ trunc 3 .user }} {{ trunc -3 .user }}',
  '{{ contains "mi" .user }} {{ hasPrefix "ad" .user }} {{ hasSuffix "x" .user }} {{ replace "m" "MM" .user }} {{ cat .user 1 nil "x" }}',
  'x:{{ .padded | indent 2 }}|{{ "a\\nb" | nindent 4 }}',
  '{{ splitList "," .csv | join "-" }} {{ list 1 2 "x" | join "+" }} {{ (split "," .csv)._1 }} {{ splitList "," .csv | sortAlpha | join "," }}',
  '{{ default "d" .empty }} {{ empty .empty }} {{ coalesce "" .empty .user }} {{ ternary "a" "b" true }}',
  "{{ toJson . }} {{ toRawJson . }}",
  '{{ list 1 2.5 "a<b" true | toPrettyJson }} {{ dict | toPrettyJson }} {{ list | toJson }} {{ dict "a" (list 1) | toPrettyJson }}',
  "{{ $j := fromJson .json }}{{ $j.b }} {{ index $j.b 2 }} {{ $j.a }} {{ $j.t }} {{ toJson $j }}",
  '{{ add 1 2 3 }} {{ add1 .number }} {{ sub 5 7 }} {{ mul 2 3 4 }} {{ div 7 2 }} {{ div -7 2 }} {{ mod -7 2 }} {{ max 1 5 3 }} {{ min 4 2 }} {{ int "12" }} {{ int64 3.9 }} {{ atoi "7" }}',
  "{{ $l := list 1 2 3 }}{{ first $l }} {{ last $l }} {{ rest $l }} {{ initial $l }} {{ append $l 4 }} {{ prepend $l 0 }} {{ reverse $l }} {{ uniq (list 1 1 2) }} {{ has 2 $l }} {{ concat $l $l }}",
  '{{ $d := dict "a" 1 "b" "x" }}{{ get $d "a" }} {{ get $d "z" }} {{ hasKey $d "b" }} {{ $d.b }} {{ keys $d | sortAlpha }} {{ $d }}',
  "{{ 0x1F }} {{ 1_000 }} {{ 'a' }} {{ 1e3 }} {{ -5 }} {{ 017 }} {{ 1.0 }} {{ 1e21 }} {{ 0.00001 }} {{ 123456789.5 }} {{ 999999.5 }} {{ 1234567.0 }}",
  '{{ `raw \\n string` }} {{ "esc \\t \\x41 \\u00e9 \\"q\\" \\101" }}',
  "{{ urlquery .pass }} {{ html .pass }}",
  '{{ (index . "user") | upper | printf "%s-%s" "x" }} {{ slice (list 1 2 3) 1 3 }} {{ slice (list 1 2 3) 1 }} {{ index (list "a" "b") 1 }} {{ index .user 0 }}',
  '{{ $ | len }} {{ (printf "%s" .user) }} {{(.user)}}',
  '{{ toString 5 }}{{ toString true }} {{ true }} {{ list nil "a" }} {{ list }} {{ dict "k" nil }}',
  '{{ printf "%.1f %.0f %05.3d|%5v|%.2v" 0.25 2.5 7 (list 1 2) "abc" }} {{ int "012" }} {{ index (dict) "a" }} {{ print .missing }} {{ coalesce }}',
  '{{ nospace "é a" }} {{ replace "" "-" "é" }} {{ upper "ß" }} {{ html "<" 1 }} {{ .user | }}',
  "postgres://{{ .user }}:{{ .pass | urlquery }}@db:5432/{{ .user }}?sslmode=disable\n",
];

/** Templates that both refuse. */
const refused: readonly string[] = [
  "{{ .user",
  "{{ if .user }}open",
  "{{ end }}",
  "{{ nosuchfunction .user }}",
  "{{ .user.name }}",
  "{{ upper 5 }}",
  "{{ .missing | upper }}",
  '{{ fail "no" }}',
  "{{ index .user 99 }}",
  '{{ eq 1 "1" }}',
  "{{ $undeclared }}",
  "{{ }}",
  "{{ .user | 5 }}",
  "{{ else }}",
  '{{ "unclosed }}',
  "{{ upper .user .number }}",
  "{{ div 1 0 }}",
  "{{ slice .user 1 3 }}",
  "{{ 08 }}",
  "{{ nil }}",
  "{{ $x, $y := list 1 }}",
];

const byName = (texts: readonly string[]) => Object.fromEntries(texts.map((text, index) => [`t${index}`, text]));
const buffers = new Map(Object.entries(values));

describe.skipIf(goMissing() !== undefined)("data templates, against the real kubeseal (skipped without Go)", () => {
  let tool: Kubeseal;
  let pair: NewSealingKey;
  let keyFile: string;

  beforeAll(async () => {
    tool = await kubeseal();
    pair = await newSealingKey(new Date(), { bits: 2048 });
    keyFile = await tool.file("key.pem", pair.privateKeyPem);
  }, 600_000);

  afterAll(() => tool.remove());

  async function recover(data: Readonly<Record<string, string>>) {
    const metadata = { name: "db", namespace: "shop" };
    const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toString("base64")]));
    const secret = { apiVersion: "v1", kind: "Secret", metadata, data: plain };
    const sealed = await sealSecret(secret, readCertificate(pair.certificatePem));
    const spec = { ...objectAt(sealed, "spec"), template: { ...objectAt(sealed, "spec", "template"), data } };
    const args = ["--recovery-unseal", "--recovery-private-key", keyFile];
    return objectAt(readObject(await tool.run(args, JSON.stringify({ ...sealed, spec }))), "data") ?? {};
  }

  test("render to the same bytes", async () => {
    const expected = await recover(byName(templates));
    const rendered = await renderTemplatesHere({
      templates: new Map(Object.entries(byName(templates))),
      values: buffers,
    });
    const outcomes = templates.map((source, index) => {
      const item = rendered.get(`t${index}`);
      return [source, item !== undefined && "text" in item ? item.text.toString("latin1") : item];
    });
    const wanted = templates.map((source, index) => [
      source,
      Buffer.from(String(expected[`t${index}`] ?? ""), "base64").toString("latin1"),
    ]);
    expect(outcomes).toEqual(wanted);
  });

  test.each(refused)("both refuse %s", async (source) => {
    const rendered = await renderTemplatesHere({ templates: new Map([["t", source]]), values: buffers });
    expect(rendered.get("t")).toHaveProperty("problem");
    await expect(recover({ refused: source })).rejects.toThrow();
  });
});

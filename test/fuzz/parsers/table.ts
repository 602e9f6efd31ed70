import { lookUp } from "../../../src/agent/schedule.ts";
import { milliseconds } from "../../../src/api/duration.ts";
import { readEnvironment } from "../../../src/api/environment.ts";
import { apiStatusOf } from "../../../src/cluster/api-status.ts";
import { resolveContext } from "../../../src/cluster/kubeconfig.ts";
import { CelError, celObject, compileCel } from "../../../src/health/cel.ts";
import { assess } from "../../../src/health/index.ts";
import { isObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { parseId } from "../../../src/model/object-id.ts";
import { compilePattern, PatternInvalid } from "../../../src/model/pattern.ts";
import { parseRevision } from "../../../src/model/revision.ts";
import { matchesWildcardList } from "../../../src/model/wildcard.ts";
import { ignoredPaths } from "../../../src/plan/index.ts";
import { selects } from "../../../src/plan/selector.ts";
import { takeOver } from "../../../src/plan/take-over.ts";
import { code, codeCell, fenced, html, prose } from "../../../src/promote/text/markdown.ts";
import { FieldPathInvalid, parseElementStep, parseFieldPath } from "../../../src/render/field-path.ts";
import { memoryTree, render, renderYaml } from "../../../src/render/index.ts";
import { LabelSelectorInvalid, parseLabelSelector } from "../../../src/render/transform/label-selector.ts";
import { logTail } from "../../../src/rollout/log-tail.ts";
import { parseSnapshot } from "../../../src/rollout/read-snapshot.ts";
import { decryptBackup } from "../../../src/seal/backup.ts";
import { decryptManifests, readCertificates, readObjects, sealedDocuments, sopsKeys } from "../../../src/seal/index.ts";
import { readRecord } from "../../../src/seal/record.ts";
import { readSopsFile } from "../../../src/seal/sops/file.ts";
import { decryptFile, type SopsFormat } from "../../../src/seal/sops/index.ts";
import { renderTemplate } from "../../../src/seal/template/render.ts";
import { ignoredTree } from "../../../src/source/ignored-tree.ts";
import { credentialsFrom, parseRepositoryUrl, signersFrom } from "../../../src/source/index.ts";
import { parseCommit, parseHeaded } from "../../../src/source/objects/commit.ts";
import { parseTree } from "../../../src/source/objects/tree-lines.ts";
import { allowedSigners } from "../../../src/source/signature/allowed-signers.ts";
import { signedCommit, signedTag } from "../../../src/source/signature/signed-object.ts";
import { verifySshSignature } from "../../../src/source/signature/ssh-signature.ts";
import { knownKeys } from "../../../src/source/transport/known-hosts.ts";
import { readPackets } from "../../../src/source/wire/pkt-line.ts";
import { readAdvertisement } from "../../../src/source/wire/receive-pack.ts";

/** A parser of texts that strangers wrote. */
export interface Parser {
  readonly name: string;
  /** Texts that it understands, from which others are made. */
  readonly seeds: readonly string[];
  /** Reads a text. May throw `Failure`, or one of `refusals`, and nothing else. */
  readonly read: (text: string) => unknown;
  /** The errors of its own with which it tells its caller that the text is none. */
  readonly refusals?: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
}

const bytes = (text: string) => Buffer.from(text, "latin1");
const encoded = (text: string) => Buffer.from(text).toString("base64");

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield bytes(text);
}

async function all(packets: AsyncIterable<unknown>): Promise<void> {
  for await (const packet of packets) void packet;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is turned away before any of these see it.
    return undefined;
  }
}

const map =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {constructor: x}}\ndata: {__proto__: x, toString: y}\n";

/** Builds a tree in which the text stands in one place. */
const built =
  (file: string, others: Readonly<Record<string, string>>) =>
  async (text: string): Promise<string> =>
    renderYaml(await render(memoryTree({ "a.yaml": map, ...others, [file]: text }), "."));

const ageHeader = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3Jn\n-----END AGE ENCRYPTED FILE-----\n";
const sopsMac = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBVJ2dCoFJnHCsGxIxLvb1qHYPVmEjDNfpQaYvVTQzGk";
const dollar = "$";
const none = sopsKeys({});
const now = new Date("2026-01-01T00:00:00Z");
const secret = (data: Readonly<Record<string, string>>) =>
  ({ apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "b" }, data }) as const;

function objectOf(text: string): KubeObject {
  const data = json(text);
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: isObject(data) ? data : {} };
}

export const parsers: readonly Parser[] = [
  // render
  {
    name: "kustomization",
    seeds: ["resources: [a.yaml]\nlabels: [{pairs: {a: b}}]\nimages: [{name: (a+)+$, newTag: x}]\n"],
    read: built("kustomization.yaml", {}),
  },
  {
    name: "yaml",
    seeds: [map, "- a\n- &x {b: c}\n- *x\n"],
    read: built("a.yaml", { "kustomization.yaml": "resources: [a.yaml]" }),
  },
  {
    name: "env-file",
    seeds: ["a=b\n__proto__=x\nconstructor=y\n# c\n"],
    read: built("a.env", { "kustomization.yaml": "configMapGenerator: [{name: g, envs: [a.env]}]" }),
  },
  {
    name: "generator-file",
    seeds: ["a\n", "\u0001\u0002"],
    read: built("__proto__", {
      "kustomization.yaml": "configMapGenerator: [{name: g, files: [__proto__, constructor=__proto__]}]",
    }),
  },
  {
    name: "json-patch",
    seeds: [
      '[{"op": "add", "path": "/__proto__/x", "value": 1}]',
      '[{"op": "copy", "from": "/data", "path": "/metadata/annotations"}]',
      "- {op: replace, path: /data/constructor/prototype, value: 1}",
    ],
    read: built("p.yaml", {
      "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]",
    }),
  },
  {
    name: "strategic-patch",
    seeds: [
      `${map}  constructor: {prototype: x}\n`,
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n__proto__: {x: 1}\n$patch: merge\n",
    ],
    read: built("p.yaml", { "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]" }),
  },
  {
    name: "replacements",
    seeds: [
      "- source: {kind: ConfigMap, fieldPath: data.toString}\n  targets: [{select: {kind: .*}, fieldPaths: [metadata.labels.__proto__], options: {create: true}}]\n",
    ],
    read: built("r.yaml", { "kustomization.yaml": "resources: [a.yaml]\nreplacements: [{path: r.yaml}]" }),
  },
  {
    name: "transformer-configuration",
    seeds: ["namePrefix: [{path: metadata/__proto__, create: true}]\nvarReference: [{path: data}]\n"],
    read: built("c.yaml", { "kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\nconfigurations: [c.yaml]" }),
  },
  {
    name: "variables",
    seeds: [
      `${dollar}{__proto__} ${dollar}{constructor:=x} ${dollar}{a/b/c} ${dollar}$\{d}`,
      `${dollar}{a:0:1}${dollar}{#a}${dollar}{a//(a+)+/b}`,
    ],
    read: (text) => {
      const variables = Object.fromEntries([
        ["constructor", text],
        ["a", text.slice(0, 9)],
      ]);
      const tree = memoryTree({
        "a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: ${JSON.stringify(text)}}\n`,
      });
      return render(tree, ".", { plainFolders: true, post: { substitute: { variables, strict: false } } });
    },
  },
  {
    name: "field-path",
    seeds: ["spec.containers.[name=a].image", "a.\\.b.__proto__"],
    read: (text) => parseFieldPath(text).map(parseElementStep),
    refusals: [FieldPathInvalid],
  },
  {
    name: "label-selector",
    seeds: ["a=b,c in (d, e),!f,g>1", "constructor"],
    read: (text) => parseLabelSelector(text)(new Map([["a", "b"]])),
    refusals: [LabelSelectorInvalid],
  },
  // patterns
  {
    name: "pattern",
    seeds: ["^(a+)+$", "(?i)[[:alpha:]]\\pL{2,3}", "(?P<constructor>a)"],
    read: (text) => compilePattern(text).test(`${text}aaaaaaaaaaaaaaaaaaaaaaaab`),
    refusals: [PatternInvalid],
  },
  { name: "wildcard", seeds: ["*.example.com,!a?c"], read: (text) => matchesWildcardList(text, text.slice(0, 200)) },
  {
    name: "cel",
    seeds: [
      "status.conditions.exists(c, c.type == 'Ready') && 'a'.matches('^(a+)+$')",
      "[1,2].map(x, [3].map(y, x * y)).size() > 0",
      "has(constructor.prototype)",
    ],
    read: (text) =>
      compileCel(text).evaluate(
        celObject({ status: { conditions: [{ type: "Ready" }] }, constructor: { prototype: "x" } }),
      ),
    refusals: [CelError],
  },
  {
    name: "ignore-rule",
    seeds: ["(a+)+$", "web|api", "/spec/__proto__/x"],
    read: (text) =>
      ignoredPaths(
        objectOf("{}"),
        { group: "", kind: "ConfigMap", namespace: "", name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" },
        [{ target: { name: text }, paths: [text] }],
      ),
  },
  {
    name: "ignore-selector",
    seeds: ["a=b,c!=d,e in (x,y),!g", "constructor"],
    read: (text) => selects(text, { a: "b" }),
  },
  // seal
  {
    name: "sops-yaml",
    seeds: [
      `a: ${sopsMac}\nsops:\n  mac: ${sopsMac}\n  lastmodified: "2026-01-01T00:00:00Z"\n  encrypted_regex: (a+)+$\n  __proto__: {x: 1}\n`,
    ],
    read: (text) => opened("a.yaml", "yaml", text),
  },
  {
    name: "sops-json",
    seeds: [`{"a": "${sopsMac}", "sops": {"mac": "${sopsMac}", "lastmodified": "x", "__proto__": {"x": 1}}}`],
    read: (text) => opened("a.json", "json", text),
  },
  {
    name: "sops-dotenv",
    seeds: [
      `a=${sopsMac}\nsops___proto____map_X=1\nsops_mac=${sopsMac}\nsops_lastmodified=x\nsops_age__list_0__map_enc=y\n`,
    ],
    read: (text) => opened("a.env", "dotenv", text),
  },
  {
    name: "sops-ini",
    seeds: [
      `[a]\nb = ${sopsMac}\n[__proto__]\nx=1\n[sops]\n__proto____map_x = 1\nmac = ${sopsMac}\nlastmodified = x\n`,
    ],
    read: (text) => opened("a.ini", "ini", text),
  },
  {
    name: "sops-binary",
    seeds: [`{"data": "${sopsMac}", "sops": {"mac": "${sopsMac}", "lastmodified": "x"}}`],
    read: (text) => opened("a.bin", "binary", text),
  },
  {
    name: "sops-object",
    seeds: [`{"a": "${sopsMac}", "constructor": {"b": "c"}}`],
    read: (text) =>
      decryptManifests(
        [
          {
            id: { group: "", kind: "ConfigMap", namespace: "", name: "a" },
            object: { ...objectOf(text), sops: { mac: text, lastmodified: text, encrypted_regex: text } },
            digest: "",
            origin: { file: "a", chain: [] },
            sensitive: false,
          },
        ],
        none,
      ),
  },
  {
    name: "template",
    seeds: [
      "{{ .a | upper }}{{ range $k, $v := . }}{{ $k }}{{ end }}",
      '{{ $d := dict "__proto__" 1 "constructor" 2 }}{{ $d.constructor }}{{ regexMatch "(a+)+$" .a }}',
      "{{ .constructor.prototype }}",
    ],
    read: (text) =>
      renderTemplate(
        Buffer.from(text),
        new Map([
          ["a", Buffer.from("b")],
          ["constructor", Buffer.from("c")],
        ]),
      ),
  },
  {
    name: "sealed-file",
    seeds: [
      "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\nspec: {encryptedData: {__proto__: x, constructor: y}}\n",
    ],
    read: sealedDocuments,
  },
  { name: "objects-file", seeds: [map], read: (text) => readObjects(text, "a.yaml") },
  {
    name: "seal-record",
    seeds: ['{"v":1,"key":"a","label":"b","items":{"__proto__":"x","constructor":{"digest":"y"}}}'],
    read: readRecord,
  },
  {
    name: "backup",
    seeds: [ageHeader, "age-encryption.org/v1\n"],
    read: (text) => decryptBackup(text, { passphrase: "a" }, "a"),
  },
  {
    name: "certificate",
    seeds: ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"],
    read: readCertificates,
  },
  {
    name: "sops-keys",
    seeds: ["AGE-SECRET-KEY-1QQQQ\n# a\n", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"],
    read: (text) =>
      sopsKeys(
        Object.fromEntries([
          ["age.agekey", Buffer.from(text)],
          ["__proto__", Buffer.from(text)],
          ["a.asc", Buffer.from(text)],
        ]),
      ),
  },
  // source
  {
    name: "known-hosts",
    seeds: [`example.com,*.test ${key}\n@revoked * ${key}\n|1|YQ==|Yg== ${key}\n[a]:22 ${key}`],
    read: (text) => knownKeys(text, "git.example.com", 22),
  },
  {
    name: "allowed-signers",
    seeds: [`a@b namespaces="git",valid-before="20990101Z" ${key}\n`, `${key} a\n`],
    read: allowedSigners,
  },
  {
    name: "signers-secret",
    seeds: [`a@b ${key}\n`, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"],
    read: (text) =>
      signersFrom(
        secret(
          Object.fromEntries([
            ["a", encoded(text)],
            ["constructor", encoded(text)],
          ]),
        ),
      ),
  },
  {
    name: "ssh-signature",
    seeds: ["-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg\n-----END SSH SIGNATURE-----"],
    read: (text) => verifySshSignature({ payload: Buffer.from("a"), signature: text }, [], 0),
  },
  {
    name: "credentials",
    seeds: ["user", "https://user:password@proxy:8080", "-----BEGIN OPENSSH PRIVATE KEY-----\n"],
    read: (text) =>
      [
        "username",
        "password",
        "identity",
        "known_hosts",
        "ca.crt",
        "bearerToken",
        "address",
        "githubAppID",
        "githubAppBaseURL",
      ].map((each) =>
        swallow(() =>
          credentialsFrom(
            secret(
              Object.fromEntries([
                [each, encoded(text)],
                ["__proto__", encoded(text)],
              ]),
            ),
          ),
        ),
      ),
  },
  {
    name: "repository-url",
    seeds: ["https://user:pw@git.example.com:443/a//b/?x#y", "git@host:a/b.git", "ssh://[::1]:22/a"],
    read: parseRepositoryUrl,
  },
  {
    name: "revision",
    seeds: ["main@sha1:0123456789012345678901234567890123456789", "a/b@sha1:x+y"],
    read: parseRevision,
  },
  {
    name: "git-commit",
    seeds: [
      "tree 0123456789012345678901234567890123456789\nauthor A <a@b> 1 +0000\ngpgsig -----BEGIN\n x\n\nmessage\n",
      "object x\ntype commit\ntag __proto__\n\nm",
    ],
    read: (text) => [
      swallow(() => parseCommit(bytes(text))),
      swallow(() => parseHeaded(bytes(text))),
      swallow(() => signedCommit(bytes(text))),
      swallow(() => signedTag(bytes(text))),
    ],
  },
  {
    name: "git-tree",
    seeds: [
      "100644 __proto__\u000001234567890123456789",
      "40000 a\u000001234567890123456789120000 ..\u000001234567890123456789",
    ],
    read: (text) => parseTree(bytes(text)),
  },
  { name: "git-packets", seeds: ["0009hello0000", "0001fff0"], read: (text) => all(readPackets(pieces(text))) },
  {
    name: "git-advertisement",
    seeds: ["003f0123456789012345678901234567890123456789 refs/heads/a\u0000report-status0000"],
    read: (text) => readAdvertisement(pieces(text)),
  },
  {
    name: "ignore-file",
    seeds: ["*.md\n!a\n/b/**\n[z-a]\n**/**/**/x\n", "\\\n#"],
    read: async (text) =>
      (await ignoredTree(memoryTree({ "a.md": "a", aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab: "b" }), text)).list(""),
  },
  // api
  {
    name: "environment",
    seeds: [
      '{"source":{"url":"https://x.test/a"},"path":"./a","ignore":[{"paths":["/a"]}],"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{"x":1}}}',
    ],
    read: (text) =>
      readEnvironment({
        apiVersion: "mooring.dev/v1alpha1",
        kind: "Environment",
        metadata: { name: "a", namespace: "b" },
        spec: json(text),
      }),
  },
  { name: "duration", seeds: ["1h30m", "1.5s", "100ms"], read: milliseconds },
  {
    name: "schedule",
    seeds: ["0 8 * * 1-5", "*/5 * * * *", "@daily"],
    read: (text) => lookUp([{ allow: text, duration: "1h", timeZone: "UTC" }], now),
  },
  {
    name: "time-zone",
    seeds: ["Europe/Berlin", "__proto__"],
    read: (text) => lookUp([{ allow: "0 8 * * *", duration: "1h", timeZone: text }], now),
  },
  // cluster
  {
    name: "kubeconfig",
    seeds: [
      "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nclusters: [{name: a, cluster: {server: https://x.test}}]\nusers: [{name: a, user: {token: x}}]\n",
    ],
    read: (text) => resolveContext([{ text }], { trusted: false, code: "SpecInvalid" }),
  },
  {
    name: "api-status",
    seeds: [
      '{"kind":"Status","reason":"Invalid","message":"a","details":{"causes":[{"reason":"constructor","field":"__proto__"}]}}',
    ],
    read: (text) => apiStatusOf({ status: 422, body: json(text) }),
  },
  {
    name: "managed-fields",
    seeds: [
      '{"f:data":{"f:__proto__":{},"f:constructor":{},".":{}},"f:list":{"k:{\\"name\\":\\"a\\"}":{"f:b":{}}}}',
      '{"f:metadata":{"f:labels":{"f:toString":{}}}}',
    ],
    read: (text) => managed(json(text)),
  },
  {
    name: "live-object",
    seeds: ['{"conditions":[{"type":"Ready","status":"True"}],"__proto__":{"x":1},"replicas":1}'],
    read: (text) => verdict(json(text)),
  },
  { name: "object-id", seeds: ["shop_web_apps_Deployment", "___"], read: parseId },
  {
    name: "snapshot",
    seeds: ['{"v":1,"stages":[]}', '{"stages":[{"__proto__":{}}]}', "null"],
    read: (text) => parseSnapshot(Buffer.from(text)),
  },
  { name: "log", seeds: ["a\u001b[31mb\r\nc"], read: (text) => logTail(text, ["secret-value"]) },
  {
    name: "markdown",
    seeds: ["`a` @b #1 <!-- -->|"],
    read: (text) => [code(text), codeCell(text), prose(text), html(text), fenced(text)],
  },
];

function swallow(run: () => unknown): unknown {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === "Failure") return undefined;
    throw thrown;
  }
}

async function opened(name: string, format: SopsFormat, text: string): Promise<unknown> {
  const content = Buffer.from(text);
  readSopsFile(name, content);
  return decryptFile(content, format, none);
}

function managed(fields: unknown): unknown {
  const base = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } };
  if (!isObject(fields)) return undefined;
  const managedFields = [{ manager: "kubectl", operation: "Apply", fieldsV1: fields }];
  return takeOver({ ...base, data: { ...base.data, constructor: "x" }, metadata: { name: "a", managedFields } }, base);
}

function verdict(status: unknown): unknown {
  if (!isObject(status)) return undefined;
  const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", generation: 1 }, status };
  return assess({ object, related: [], events: [], pods: [] }, now);
}

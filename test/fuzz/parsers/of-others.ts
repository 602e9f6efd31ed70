import { lookUp } from "../../../src/agent/environment/passes/schedule.ts";
import { milliseconds } from "../../../src/api/duration.ts";
import { readEnvironment } from "../../../src/api/environment/environment.ts";
import { apiStatusOf } from "../../../src/cluster/failures/api-status.ts";
import { resolveContext } from "../../../src/cluster/kubeconfig/kubeconfig.ts";
import { assess } from "../../../src/health/index.ts";
import { isObject } from "../../../src/model/json/json.ts";
import { parseId } from "../../../src/model/object-id.ts";
import { parseRevision } from "../../../src/model/revision.ts";
import { lineMask } from "../../../src/plan/index.ts";
import { takeOver } from "../../../src/plan/ownership/take-over.ts";
import { code, codeCell, fenced, html, prose } from "../../../src/promote/text/markdown.ts";
import { memoryTree } from "../../../src/render/index.ts";
import { logTail } from "../../../src/rollout/diagnosis/log-tail.ts";
import { parseSnapshot } from "../../../src/rollout/snapshot/read-snapshot.ts";
import {
  decryptManifests,
  parseManifests,
  readCertificates,
  sealedDocuments,
  sopsKeys,
} from "../../../src/seal/index.ts";
import { decryptBackup } from "../../../src/seal/keys/backup.ts";
import { readSealAnnotation } from "../../../src/seal/sealed-secret/seal-annotation.ts";
import { readSopsFile } from "../../../src/seal/sops/file.ts";
import { decryptFile, type SopsFormat } from "../../../src/seal/sops/index.ts";
import { parseCommit, parseHeaded } from "../../../src/source/git/objects/commit.ts";
import { parseTree } from "../../../src/source/git/objects/tree-lines.ts";
import { allowedSigners } from "../../../src/source/git/signature/allowed-signers.ts";
import { signedCommit, signedTag } from "../../../src/source/git/signature/signed-object.ts";
import { verifySshSignature } from "../../../src/source/git/signature/ssh-signature.ts";
import { knownKeys } from "../../../src/source/git/transport/known-hosts.ts";
import { readAdvertisement } from "../../../src/source/git/wire/advertisement.ts";
import { readPackets } from "../../../src/source/git/wire/pkt-line.ts";
import { readServerRefs } from "../../../src/source/git/wire/server-refs.ts";
import { credentialsFrom, parseRepositoryUrl, signersFrom } from "../../../src/source/index.ts";
import { ignoredTree } from "../../../src/source/trees/ignored-tree.ts";
import { renderTemplate } from "../../../src/template/index.ts";
import { templateOptions } from "../../support/templates.ts";
import { json, map, objectOf } from "./objects.ts";
import type { Parser } from "./parser.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const encoded = (text: string) => Buffer.from(text).toString("base64");

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield bytes(text);
}

async function all(packets: AsyncIterable<unknown>): Promise<void> {
  for await (const packet of packets) void packet;
}

const ageHeader = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3Jn\n-----END AGE ENCRYPTED FILE-----\n";
const sopsMac = "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBVJ2dCoFJnHCsGxIxLvb1qHYPVmEjDNfpQaYvVTQzGk";
const none = sopsKeys({});
const now = new Date("2026-01-01T00:00:00Z");
const secret = (data: Readonly<Record<string, string>>) =>
  ({ apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "b" }, data }) as const;

/** Secrets, Git, the API and what is said at forges. */
export const parsersOfOthers: readonly Parser[] = [
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
        templateOptions,
      ),
  },
  {
    name: "sealed-file",
    seeds: [
      "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}\nspec: {encryptedData: {__proto__: x, constructor: y}}\n",
    ],
    read: (text) => sealedDocuments(text, "a.yaml"),
  },
  { name: "objects-file", seeds: [map], read: (text) => parseManifests(text, "a.yaml") },
  {
    name: "seal-record",
    seeds: ['{"v":1,"key":"a","label":"b","items":{"__proto__":"x","constructor":{"digest":"y"}}}'],
    read: readSealAnnotation,
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
    read: (text) => readAdvertisement(pieces(text), { address: "https://git.test/a", prefixes: [""] }),
  },
  {
    name: "git-refs",
    seeds: [
      "00450123456789012345678901234567890123456789 HEAD symref-target:refs/heads/a0000",
      "00730123456789012345678901234567890123456789 refs/tags/v1 peeled:01234567890123456789012345678901234567890000",
    ],
    read: (text) => readServerRefs(pieces(text), [""]),
  },
  {
    name: "ignore-file",
    seeds: ["*.md\n!a\n/b/**\n[z-a]\n**/**/**/x\n", "\\\n#", "*a*a*a*a*b?", "[[:alpha:]-z]*[!\\]]\\ "],
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
  { name: "log", seeds: ["a\u001b[31mb\r\nc"], read: (text) => logTail(text, lineMask(["secret-value"])) },
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

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registry } from "../../../src/cli/index.ts";
import { certificateBundle, newSealingKey, sealingKey, sealingKeySecret } from "../../../src/seal/index.ts";
import { runInProcess } from "../../seal/run-in-process.ts";
import { type KeyServer, startKeyServer } from "../key-server.ts";
import * as others from "./other-lines.ts";
import * as sealing from "./sealing-lines.ts";

const heard = [...sealing.heard, ...others.heard];
const refused = [...sealing.refused, ...others.refused];
const offline = [...sealing.offline, ...others.offline];

/** Files of the commands that are not about secrets. */
const filesOfOthers = {
  "app/kustomization.yaml": "resources: [a.yaml]\n",
  "app/a.yaml": [
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
  ].join("---\n"),
  "above/kustomization.yaml": "resources: [../app/a.yaml]\n",
  "chart/kustomization.yaml": "helmCharts: [{name: a, repo: https://charts.invalid}]\n",
  "remote/kustomization.yaml": "resources: ['https://127.0.0.1:9/acme/base.git//base?ref=v1']\n",
  "flux.yaml": [
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: a, namespace: b}\n",
    "spec: {url: https://git.example.com/a.git, interval: 1m}\n---\n",
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: b}\n",
    "spec: {sourceRef: {kind: GitRepository, name: a}, path: ./a, prune: true, interval: 1m}\n",
  ].join(""),
};

describe("a flag does something or is refused by name", () => {
  let top: string;
  let server: KeyServer;
  let requests: string[] = [];
  let recipient: string;
  const files = new Map<string, string>();

  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), "mooring-idle-flags-"));
    const [pair, other] = await Promise.all([1, 2].map(() => newSealingKey(new Date(), { bits: 2048 })));
    if (pair === undefined || other === undefined) expect.unreachable();
    const certificate = await certificateBundle(sealingKey(pair.certificatePem, pair.privateKeyPem));
    const identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    server = await startKeyServer([sealingKeySecret(pair, "mooring-system")], (request) => requests.push(request));
    const secret = (metadata: string, data: string) => `apiVersion: v1\nkind: Secret\nmetadata: ${metadata}\n${data}\n`;
    const plain = secret("{name: db, namespace: shop}", "stringData: {PASSWORD: hunter2}");
    for (const [path, text] of [
      ["key.pem", pair.privateKeyPem],
      ["seal.cert", certificate],
      ["other.cert", other.certificatePem],
      ["kept/seal.pem", certificate],
      ["foreign/seal.pem", other.certificatePem],
      ["overlays/production/seal.pem", certificate],
      ["team.agekey", identity],
      ["secret.yaml", plain],
      ["bare.yaml", secret("{name: db}", "stringData: {PASSWORD: hunter2}")],
      ["nothing.yaml", secret("{name: db, namespace: shop}", "")],
      ["text", "hunter2"],
      ["empty", ""],
      ...Object.entries(filesOfOthers),
    ] as const)
      files.set(path, text);
    for (const [name, path] of [
      ["main.kubeconfig", "/main"],
      ["other.kubeconfig", "/file"],
    ] as const)
      files.set(name, server.kubeconfig(path));
    const sealed = (await see("seal -f secret.yaml --cert seal.cert -o yaml", plain)).stdout;
    for (const path of ["db.yaml", "kept/db.yaml", "foreign/db.yaml", "overlays/production/db.yaml"])
      files.set(path, sealed);
    files.set(
      "keys.age",
      (await see(`secrets backup keys.age --recipient ${recipient}`)).written.get("keys.age") ?? "",
    );
  });

  afterAll(async () => {
    await server.stop();
    await rm(top, { recursive: true });
  });

  /** What a line does, in a folder of its own: what is sealed differs each time, and is left out of the comparison. */
  async function see(line: string, stdin = files.get("secret.yaml")) {
    const cwd = await mkdtemp(join(top, "run-"));
    for (const [path, text] of files) {
      await mkdir(join(cwd, dirname(path)), { recursive: true });
      await writeFile(join(cwd, path), text);
    }
    requests = [];
    const words = line.replace("RECIPIENT", recipient).replace("other.kubeconfig", join(cwd, "other.kubeconfig"));
    const run = await runInProcess(words, { cwd, stdin: stdin ?? "", kubeconfig: join(cwd, "main.kubeconfig") });
    const written = new Map<string, string>();
    for (const path of await readdir(cwd, { recursive: true })) {
      if ((await stat(join(cwd, path))).isDirectory()) continue;
      const text = await readFile(join(cwd, path), "utf8");
      if (text !== files.get(path)) written.set(path, text);
    }
    const left = JSON.stringify([run, [...written]])
      .replaceAll(cwd, "")
      .replaceAll(cwd.slice(1), "")
      .replace(/(?:\\+")?[\w+/=]{24,}(?:\\+")?/g, "…")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…");
    return { ...run, written, requests, seen: `${left} ${requests.join()}` };
  }

  async function heardIn(line: string, flag: string): Promise<void> {
    const [without, again, given] = [await see(line), await see(line), await see(`${line} ${flag}`)];
    expect(again.seen).toBe(without.seen);
    expect(given.seen).not.toBe(without.seen);
    expect(given.stderr).not.toContain("has no effect");
  }

  async function refusedIn(line: string, flag: string, said: string): Promise<void> {
    const { code, stderr, written } = await see(`${line} ${flag}`);
    expect({ code, stderr, written: [...written.keys()] }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(said),
      written: [],
    });
  }

  test.each(sealing.asking)("%s: the cluster that flags name is the one that is asked", async (line) => {
    const seen: string[] = [];
    for (const flag of ["", ...sealing.whichCluster, "--as alice --as-group ops"]) {
      const { code, seen: one, requests: sent } = await see(`${line} ${flag}`.trimEnd());
      expect({ flag, code, asks: sent.length > 0 }).toEqual({ flag, code: 0, asks: true });
      seen.push(one);
    }
    expect(new Set(seen).size).toBe(seen.length);
    await refusedIn(line, "--as-group ops", "--as-group has no effect without --as");
  });

  test.each(others.asking)("%s: the cluster and namespace that flags name are asked", async (line, flags) => {
    const seen: string[] = [];
    for (const flag of ["", ...flags, "--as alice --as-group ops"]) {
      const { stderr, requests: sent } = await see(`${line} ${flag}`.trimEnd());
      expect(stderr).not.toContain("has no effect");
      expect({ flag, asks: sent.length > 0 }).toEqual({ flag, asks: true });
      seen.push(sent.join());
    }
    expect(new Set(seen).size).toBe(seen.length);
    await refusedIn(line, "--as-group ops", "--as-group has no effect without --as");
  });

  test.each(offline)("%s: asks none, and says so", async (line, flags) => {
    expect(await see(line)).toMatchObject({ code: 0, requests: [] });
    for (const flag of [...flags, "--as-group ops"]) await refusedIn(line, flag, flag.split(" ")[0] ?? "");
  });

  test.each(heard)("%s, with %s, comes out otherwise", heardIn);

  test.each(refused)("%s, with %s, is refused", refusedIn);

  test.each([
    ["--output", "get environments"],
    ["--image", "install --export"],
    ["--namespace", "get environments"],
    ["--cert", "seal -f secret.yaml"],
    ["--to", "rollback shop"],
    ["--recovery-private-key", "unseal -f db.yaml"],
    ["DIR", "build"],
    ["DIGEST", "approve shop"],
    ["FILE", "secrets unset"],
  ])("an empty %s is what an unset variable leaves, and is refused", async (name, line) => {
    for (const given of name.startsWith("--") ? [`${line} ${name}=`] : [`${line} `]) {
      await refusedIn(given.replace(/ $/, ""), "", `${name} is empty`);
    }
  });

  test.each([
    ["get environments", "--namespace Bad_Name"],
    ["install --export", `--tenant ${"a".repeat(64)}`],
    ["cert", "--controller-namespace a/b"],
  ])("%s %s is not a valid namespace name", (line, flag) => refusedIn(line, flag, "is not a valid namespace name"));

  test.each([
    ["seal -f secret.yaml", "--name Bad_Name"],
    ["secrets set new.yaml PASSWORD -n shop", "--name a..b"],
    ["history", "../../secrets"],
  ])("%s %s is not a valid object name", (line, flag) => refusedIn(line, flag, "is not a valid object name"));

  test("no flag of any command is forgotten", async () => {
    const lines = [
      ...sealing.asking.flatMap((line) => [...sealing.whichCluster, "--as-group"].map((flag) => [line, flag] as const)),
      ...[...offline, ...others.asking].flatMap(([line, flags]) =>
        [...flags, "--as-group"].map((flag) => [line, flag] as const),
      ),
      ...heard,
      ...refused,
    ];
    const missing: string[] = [];
    for (const { name, load } of registry) {
      const tried = lines.filter(([line]) => line === name || line.startsWith(`${name} `)).map(([, flag]) => flag);
      const { flags: own } = await load();
      const global = name === "agent" ? [] : ["kubeconfig", "context", "as", "as-group", "namespace"];
      const flags = new Set(tried.map((flag) => flag.replace(/^--| .*$/g, "")));
      for (const [, list, file] of others.elsewhere.filter(([command]) => command === name)) {
        const texts = file.split(" ").map((each) => readFile(join(import.meta.dirname, "../..", each), "utf8"));
        const text = (await Promise.all(texts)).join();
        for (const flag of list.split(" "))
          if (text.includes(`--${flag}`) || text.includes(`"-${own[flag]?.short}"`)) flags.add(flag);
      }
      const all = [...Object.keys(own), ...global];
      missing.push(...all.filter((flag) => !flags.has(flag)).map((flag) => `${name} --${flag}`));
    }
    expect(missing).toEqual([]);
  });
});

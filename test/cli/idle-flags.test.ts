import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registry } from "../../src/cli/index.ts";
import { certificateBundle, newSealingKey, sealingKey, sealingKeySecret } from "../../src/seal/index.ts";
import { runInProcess } from "../seal/run-in-process.ts";
import { type KeyServer, startKeyServer } from "./key-server.ts";

const access = ["--kubeconfig other.kubeconfig", "--context other", "--as alice"];
const whichCluster = [...access, "--controller-namespace ops"];

/** Lines that ask the cluster: each flag that says which one must be heard. */
const asking = [
  "seal -f secret.yaml",
  "unseal -f db.yaml",
  "validate -f db.yaml",
  "cert",
  "re-encrypt -f db.yaml",
  "re-encrypt -f db.yaml --recovery-private-key key.pem",
  "re-encrypt -f db.yaml --cert seal.cert",
  "secrets set db.yaml PASSWORD --from-file text",
  "secrets reseal db.yaml",
  "secrets reseal kept",
  "secrets reseal db.yaml --from-key key.pem",
  "secrets backup new.age --recipient RECIPIENT",
  "secrets restore keys.age --identity team.agekey --dry-run",
  "secrets doctor db.yaml",
];

/** Lines that ask none: each of those flags must be refused. */
const offline: readonly (readonly [line: string, flags: readonly string[]])[] = [
  ["seal -f secret.yaml --cert seal.cert", whichCluster],
  ["seal -f secret.yaml --merge-into kept/db.yaml", whichCluster],
  ["seal -f secret.yaml -w kept/new.yaml", whichCluster],
  ["seal --raw --name db -n shop --from-file text --cert seal.cert", whichCluster],
  ["unseal -f db.yaml --recovery-private-key key.pem", whichCluster],
  ["validate -f db.yaml --recovery-private-key key.pem", whichCluster],
  ["re-encrypt -f db.yaml --recovery-private-key key.pem --cert seal.cert", whichCluster],
  ["re-encrypt -f kept/db.yaml --recovery-private-key key.pem", whichCluster],
  ["secrets set kept/db.yaml PASSWORD --from-file text", whichCluster],
  ["secrets set db.yaml PASSWORD --from-file text --env production", whichCluster],
  ["secrets set db.yaml PASSWORD --from-file text --cert seal.cert", whichCluster],
  ["secrets reseal kept --from-key key.pem", whichCluster],
  ["secrets reseal db.yaml --from-key key.pem --to-cert seal.cert", whichCluster],
  ["secrets unset db.yaml PASSWORD", access],
  ["secrets rename db.yaml PASSWORD OTHER", access],
  ["secrets list", access],
  ["secrets verify db.yaml", access],
];

/** Every other flag, in lines that come out otherwise with it than without it. */
const heard: readonly (readonly [line: string, flag: string])[] = [
  ["seal -f secret.yaml --merge-into db.yaml --cert other.cert", "--new-certificate"],
  ["re-encrypt -f foreign/db.yaml --recovery-private-key key.pem", "--new-certificate"],
  ["secrets reseal foreign --from-key key.pem", "--new-certificate"],
  ["secrets set db.yaml PASSWORD --cert other.cert", "--new-certificate"],
  ["seal -f secret.yaml", "--cert seal.cert"],
  ["seal --cert seal.cert -f secret.yaml", "--scope cluster-wide"],
  ["seal --cert seal.cert -f secret.yaml", "--algorithm x25519"],
  ["seal --cert seal.cert", "--secret-file bare.yaml"],
  ["seal --cert seal.cert -f secret.yaml", "--sealed-secret-file out.json"],
  ["seal --cert seal.cert -f secret.yaml", "--format yaml"],
  ["seal --cert seal.cert -f secret.yaml", "--merge-into db.yaml"],
  ["seal --cert seal.cert -n shop --name db", "--raw"],
  ["seal --cert seal.cert -n shop --name db --raw", "--from-file empty"],
  ["seal --cert seal.cert -n shop --name db --raw --from-file empty", "--allow-empty"],
  ["seal --cert seal.cert -f secret.yaml", "--name other"],
  ["seal --cert seal.cert -f nothing.yaml", "--allow-empty-data"],
  ["seal --cert seal.cert -f bare.yaml", "--namespace other"],
  ["unseal -f db.yaml", "--recovery-private-key key.pem"],
  ["unseal", "--sealed-secret-file db.yaml"],
  ["unseal -f db.yaml", "--secret-file out.json"],
  ["unseal -f db.yaml", "--format yaml"],
  ["validate -f db.yaml", "--recovery-private-key key.pem"],
  ["validate", "--sealed-secret-file db.yaml"],
  ["cert", "--output out.pem"],
  ["re-encrypt -f db.yaml", "--recovery-private-key key.pem"],
  ["re-encrypt -f db.yaml", "--cert seal.cert"],
  ["re-encrypt -f db.yaml", "--sealed-secret-file out.yaml"],
  ["re-encrypt", "--secret-file db.yaml"],
  ["secrets set db.yaml PASSWORD --from-file text", "--env production"],
  ["secrets set db.yaml PASSWORD", "--from-file empty"],
  ["secrets set new.yaml PASSWORD -n shop", "--name db"],
  ["secrets set new.yaml PASSWORD -n shop --name db", "--scope cluster-wide"],
  ["secrets set new.yaml PASSWORD -n shop --name db", "--algorithm x25519"],
  ["secrets set new.yaml PASSWORD --name db", "--namespace shop"],
  ["secrets set db.yaml PASSWORD --from-file empty", "--allow-empty"],
  ["secrets set db.yaml PASSWORD", "--cert seal.cert"],
  ["secrets unset db.yaml PASSWORD", "--name other"],
  ["secrets rename db.yaml PASSWORD OTHER", "--name other"],
  ["secrets list", "--namespace other"],
  ["secrets verify db.yaml", "--cert other.cert"],
  ["secrets reseal", "--all"],
  ["secrets reseal db.yaml", "--from-key key.pem"],
  ["secrets reseal db.yaml", "--to-cert seal.cert"],
  ["secrets reseal db.yaml", "--algorithm x25519"],
  ["secrets reseal db.yaml --algorithm x25519", "--dry-run"],
  ["secrets backup new.age --passphrase-file empty", "--recipient RECIPIENT"],
  ["secrets backup new.age", "--passphrase-file empty"],
  ["secrets backup text --recipient RECIPIENT", "--force"],
  ["secrets restore keys.age --dry-run --passphrase-file text", "--identity team.agekey"],
  ["secrets restore keys.age --dry-run", "--passphrase-file empty"],
  ["secrets restore keys.age --identity team.agekey", "--dry-run"],
];

/** And those that cannot be, or say something else than what is there. */
const refused: readonly (readonly [line: string, flag: string, said: string])[] = [
  ["seal -f secret.yaml", "--new-certificate", "--new-certificate would have no effect"],
  ["seal --raw --name db -n shop --cert seal.cert", "--new-certificate", "--new-certificate would have no effect"],
  ["secrets set db.yaml PASSWORD", "--new-certificate", "--new-certificate would have no effect"],
  [
    "re-encrypt -f db.yaml --recovery-private-key key.pem --cert other.cert",
    "--new-certificate",
    "--new-certificate would have no effect",
  ],
  [
    "secrets reseal db.yaml --from-key key.pem --to-cert other.cert",
    "--new-certificate",
    "--new-certificate would have no effect",
  ],
  ["seal -f secret.yaml", "--from-file text", "--from-file goes with --raw only"],
  ["seal -f secret.yaml", "--allow-empty", "--allow-empty goes with --raw only"],
  ["seal --cert seal.cert --raw --scope cluster-wide", "--namespace shop", "--namespace would have no effect"],
  ["seal --cert seal.cert --raw --scope cluster-wide", "--name db", "--name would have no effect"],
  ["seal --cert seal.cert --raw --scope namespace-wide -n shop", "--name db", "--name would have no effect"],
  ["seal --cert seal.cert -f secret.yaml --merge-into db.yaml", "--namespace other", "not in other"],
  ["unseal -f db.yaml", "--namespace other", "is in the namespace shop, not in other"],
  ["validate -f db.yaml", "--namespace other", "is in the namespace shop, not in other"],
  ["re-encrypt -f db.yaml", "--namespace other", "is in the namespace shop, not in other"],
  ["cert", "--namespace other", "--namespace would have no effect"],
  ["secrets set db.yaml PASSWORD --cert seal.cert", "--namespace other", "is in the namespace shop, not in other"],
  ["secrets unset db.yaml PASSWORD", "--namespace other", "is in the namespace shop, not in other"],
  ["secrets rename db.yaml PASSWORD OTHER", "--namespace other", "is in the namespace shop, not in other"],
  ["secrets verify db.yaml", "--namespace other", "--namespace would have no effect"],
  ["secrets reseal db.yaml", "--namespace other", "--namespace would have no effect"],
  ["secrets backup new.age --recipient RECIPIENT", "--namespace other", "--namespace would have no effect"],
  ["secrets restore keys.age --identity team.agekey", "--namespace other", "--namespace would have no effect"],
  ["secrets doctor db.yaml", "--namespace other", "--namespace would have no effect"],
];

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
      .replace(/[\w+/=-]{24,}/g, "…");
    return { ...run, written, requests, seen: `${left} ${requests.join()}` };
  }

  async function heardIn(line: string, flag: string): Promise<void> {
    const [without, again, given] = [await see(line), await see(line), await see(`${line} ${flag}`)];
    expect(again.seen).toBe(without.seen);
    expect(given.seen).not.toBe(without.seen);
    expect(given.stderr).not.toContain("would have no effect");
  }

  async function refusedIn(line: string, flag: string, said: string): Promise<void> {
    const { code, stderr, written } = await see(`${line} ${flag}`);
    expect({ code, stderr, written: [...written.keys()] }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(said),
      written: [],
    });
  }

  test.each(asking)("%s: the cluster that flags name is the one that is asked", async (line) => {
    const seen: string[] = [];
    for (const flag of ["", ...whichCluster, "--as alice --as-group ops"]) {
      const { code, seen: one, requests: sent } = await see(`${line} ${flag}`.trimEnd());
      expect({ flag, code, asks: sent.length > 0 }).toEqual({ flag, code: 0, asks: true });
      seen.push(one);
    }
    expect(new Set(seen).size).toBe(seen.length);
    await refusedIn(line, "--as-group ops", "--as-group would have no effect without --as");
  });

  test.each(offline)("%s: asks none, and says so", async (line, flags) => {
    expect(await see(line)).toMatchObject({ code: 0, requests: [] });
    for (const flag of [...flags, "--as-group ops"]) await refusedIn(line, flag, flag.split(" ")[0] ?? "");
  });

  test.each(heard)("%s, with %s, comes out otherwise", heardIn);

  test.each(refused)("%s, with %s, is refused", refusedIn);

  test("no flag of these commands is forgotten", async () => {
    const family = /^(?:secrets .*|seal|unseal|validate|cert|re-encrypt)$/;
    const lines = [
      ...asking.flatMap((line) => [...whichCluster, "--as-group"].map((flag) => [line, flag] as const)),
      ...offline.flatMap(([line, flags]) => [...flags, "--as-group"].map((flag) => [line, flag] as const)),
      ...heard,
      ...refused,
    ];
    for (const { name, load } of registry.filter((entry) => family.test(entry.name))) {
      const tried = lines.filter(([line]) => line === name || line.startsWith(`${name} `)).map(([, flag]) => flag);
      const own = Object.keys((await load()).flags);
      const global = ["kubeconfig", "context", "as", "as-group", "namespace"];
      const flags = new Set(tried.map((flag) => flag.replace(/^--| .*$/g, "")));
      expect({ name, missing: [...own, ...global].filter((flag) => !flags.has(flag)) }).toEqual({ name, missing: [] });
    }
  });
});

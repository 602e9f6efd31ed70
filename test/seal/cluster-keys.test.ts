import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { newSealingKey, privateKeyId, sealingKeySecret } from "../../src/seal/index.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { connectKube, type KubeClient } from "../support/control-plane/kube-client.ts";
import { goMissing } from "../toolchain/tools.ts";
import { runInProcess } from "./run-in-process.ts";

const secrets = "/api/v1/namespaces/mooring-system/secrets";
const plain = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n";

describe.skipIf(goMissing() !== undefined)("commands that use the cluster's sealing keys (skipped without Go)", () => {
  let plane: ControlPlane;
  let kube: KubeClient;
  let directory: string;
  const ids: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-cluster-keys-"));
    plane = await startControlPlane({ schedulerAndControllers: false });
    kube = connectKube({ server: plane.server, caFile: plane.caFile, token: plane.adminToken });
    await kube.request("POST", "/api/v1/namespaces", { metadata: { name: "mooring-system" } });
  });

  afterAll(async () => {
    await kube?.close();
    await plane?.stop();
    await rm(directory, { recursive: true });
  });

  const run = (line: string, stdin = "") => runInProcess(line, { cwd: directory, stdin, kubeconfig: plane.kubeconfig });

  async function addKey(created: Date): Promise<void> {
    const pair = await newSealingKey(created, { bits: 2048 });
    await kube.request("POST", secrets, sealingKeySecret(pair, "mooring-system"));
    ids.unshift(privateKeyId(pair.privateKeyPem));
  }

  test("without any key it is said what to do", async () => {
    expect(await run("cert")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no sealing key in mooring-system or kube-system"),
    });
  });

  test("cert prints the newest certificate and the X25519 key", async () => {
    await addKey(new Date("2025-01-01T00:00:00Z"));
    const { stdout } = await run("cert");
    expect(stdout.match(/^-----BEGIN .*-----$/gm)).toEqual([
      "-----BEGIN CERTIFICATE-----",
      "-----BEGIN PUBLIC KEY-----",
    ]);
  });

  test.each(["rsa", "x25519"])("what is sealed for the cluster with %s opens with its keys", async (algorithm) => {
    const sealed = await run(`seal -o yaml --algorithm ${algorithm}`, plain);
    expect(sealed).toMatchObject({ code: 0, stderr: "" });
    const opened = await run("unseal -o yaml", sealed.stdout);
    expect(parse(opened.stdout).data).toEqual({ password: btoa("hunter2") });
    expect((await run("validate", sealed.stdout)).stdout).toBe("SealedSecret/shop/db can be unsealed\n");
  });

  test("after a new key, reseal renews; doctor counts before and after", async () => {
    await writeFile(join(directory, "db.yaml"), (await run("seal -o yaml", plain)).stdout);
    await addKey(new Date("2026-01-01T00:00:00Z"));
    const before = await run("secrets doctor");
    expect(before.stderr).toContain(`the newest key, ${ids[0]}, is in no backup`);
    expect(before.stderr).toContain("1 value is sealed with an older key");
    expect(await run("secrets reseal --all")).toMatchObject({ code: 0, stdout: "db.yaml: password\n1 file changed\n" });
    const after = await run("secrets doctor");
    expect(after.stdout.split("\n").map((line) => line.split(/ {2,}/)[3])).toEqual(["VALUES", "1", "0", undefined]);
    expect(after.stderr).not.toContain("older key");
  });

  test("a backup holds every key; the drill proves it; a lost key comes back", async () => {
    const identity = await generateX25519Identity();
    await writeFile(join(directory, "team.agekey"), identity);
    const recipient = await identityToRecipient(identity);
    expect(await run(`secrets backup keys.age --recipient ${recipient}`)).toMatchObject({
      code: 0,
      stdout: "keys.age: 2 keys\n",
    });
    expect((await run("secrets doctor")).stderr).not.toContain("in no backup");
    const drill = "secrets restore keys.age --identity team.agekey --dry-run";
    expect(await run(drill)).toMatchObject({ code: 0, stderr: "" });

    const { items } = await kube.request<{ items: { metadata: { name: string } }[] }>("GET", secrets);
    for (const { metadata } of items) await kube.request("DELETE", `${secrets}/${metadata.name}`);
    expect((await run("unseal -f db.yaml")).code).toBe(1);
    expect(await run("secrets restore keys.age --identity team.agekey")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 of 2 keys restored"),
    });
    expect((await run("unseal -f db.yaml")).code).toBe(0);

    await addKey(new Date("2027-01-01T00:00:00Z"));
    const later = await run(drill);
    expect(later).toMatchObject({ code: 1, stderr: expect.stringContaining(`lacks the key ${ids[0]} of the cluster`) });
    await writeFile(join(directory, "other.agekey"), await generateX25519Identity());
    expect((await run("secrets restore keys.age --identity other.agekey")).stderr).toContain(
      "keys.age: error: does not open",
    );
  });

  test("a passphrase does as well", async () => {
    await writeFile(join(directory, "pass.txt"), "correct horse\n");
    expect((await run("secrets backup pass.age --passphrase-file pass.txt")).code).toBe(0);
    expect(await run("secrets restore pass.age --passphrase-file pass.txt --dry-run")).toMatchObject({
      code: 0,
      stderr: "",
    });
  });
});

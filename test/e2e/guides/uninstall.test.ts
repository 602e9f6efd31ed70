import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mooringSource } from "../../cli/run-mooring.ts";
import { programMissing } from "../../source/available.ts";
import { startWorld, type World } from "../../support/world.ts";

const signal = new AbortController().signal;
const configMap = (name: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ${name}}\ndata: {a: b}\n`;

/** The shell block of docs/install.md under "Uninstall". */
async function commands(): Promise<string> {
  const page = await readFile(join(import.meta.dirname, "../../../docs/install.md"), "utf8");
  const [, section = ""] = page.split("## Uninstall\n");
  return /^```sh\n(.*?)^```$/ms.exec(section)?.[1] ?? "";
}

describe.skipIf(programMissing("kubectl", "version", "--client") !== undefined)(
  "what the page says of uninstalling (skipped without kubectl)",
  () => {
    let world: World;
    let directory: string;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "mooring-uninstall-"));
      const program = `#!/bin/sh\nexec '${process.execPath}' '${mooringSource}' "$@"\n`;
      await writeFile(join(directory, "mooring"), program, { mode: 0o755 });
      world = await startWorld();
      world.startAgent("--no-leader-election");
    });
    afterAll(async () => {
      await world?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    test("takes Mooring away, and nothing that it brought", { timeout: 240_000 }, async () => {
      const { url, tree } = await world.repository("apps");
      const apps = ["shop", "blog"];
      for (const name of apps) {
        const ns = `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
        await tree.commit({ [`${name}/a.yaml`]: configMap(name), [`${name}/ns.yaml`]: ns }, name);
      }
      for (const name of apps) {
        await world.environment(name, { source: { url, ref: { branch: "main" } }, path: `./${name}`, interval: "1s" });
        await world.condition(name, "Ready", { status: "True" });
      }
      const env = {
        PATH: `${directory}${delimiter}${process.env.PATH}`,
        HOME: directory,
        KUBECONFIG: world.controlPlane.kubeconfig,
      };
      const child = spawn("bash", ["-euo", "pipefail", "-c", await commands()], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += String(chunk)));
      const limit = setTimeout(() => child.kill("SIGKILL"), 150_000);
      await once(child, "close");
      clearTimeout(limit);
      expect(child.exitCode, said).toBe(0);
      for (const name of apps) {
        expect(await world.get("ConfigMap", name, "a")).toBeDefined();
        expect((await world.get("Namespace", "", name))?.metadata.deletionTimestamp).toBeUndefined();
      }
      expect(await world.get("Namespace", "", "mooring-system")).toBeUndefined();
      expect(await world.get("CustomResourceDefinition", "", "environments.mooring.dev")).toBeUndefined();
      const roles = await world.admin.resource("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", signal);
      const { items } =
        roles === undefined ? { items: [] } : await world.admin.list(roles, { metadataOnly: true }, signal);
      expect(items.filter(({ metadata }) => metadata.name.startsWith("mooring"))).toEqual([]);
    });
  },
);

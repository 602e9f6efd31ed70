import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { git } from "../../support/git/git-command.ts";
import { runMooring } from "../run-mooring.ts";

const deployment = (image: string, app: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: app, image: "${image}"}]}
`;
const secret = (value: string) => `apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
stringData: {token: ${value}}
`;
const sealed = (value: string) => `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: shop}
spec:
  encryptedData: {password: ${value}, same: AgAAAA}
  template: {metadata: {name: sealed, namespace: shop}, type: Opaque}
`;
const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

describe("mooring plan --offline", () => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "mooring-offline-"));
    await git(dir, "init", "-q", "-b", "main");
    await write("production/kustomization.yaml", "resources: [web.yaml, secret.yaml, sealed.yaml, claim.yaml]\n");
    await write("production/web.yaml", deployment("web:1", "web"));
    await write("production/secret.yaml", secret("the-old-value"));
    await write("production/sealed.yaml", sealed("AgBOLD"));
    await write("production/claim.yaml", claim);
    await git(dir, "add", "-A");
    await git(dir, "commit", "-q", "-m", "one");
    await git(dir, "tag", "v1");
    await write("production/kustomization.yaml", "resources: [web.yaml, secret.yaml, sealed.yaml]\n");
    await write("production/web.yaml", deployment("web:2", "shop"));
    await write("production/secret.yaml", secret("the-new-value"));
    await write("production/sealed.yaml", sealed("AgBNEW"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  const plan = (...args: readonly string[]) => runMooring(["plan", "--offline", ...args], { cwd: dir });

  test("shows what a folder has become since a revision, without a cluster and without a secret in it", async () => {
    const { code, stdout, stderr } = await plan("--base", "v1", "./production");
    expect(stderr).toBe("");
    expect(stdout.replace(/[0-9a-f]{64}/, "DIGEST").replace(/\([0-9a-f]{7}\)/, "(COMMIT)")).toBe(
      [
        "production since v1 (COMMIT)",
        "",
        "Look twice:",
        "! Deployment/shop/web: /spec/selector/matchLabels/app cannot be changed without recreating the object",
        "! PersistentVolumeClaim/shop/data: would be deleted: its volume may go with it",
        "",
        "~ Secret/shop/sealed  # production/sealed.yaml:1",
        "    ~ data.password: *** (before) -> *** (after)",
        "~ Secret/shop/token  # production/secret.yaml:1",
        "    ~ data.token: *** (before) -> *** (after)",
        "~ Deployment/shop/web  # production/web.yaml:1",
        "    ~ spec.selector.matchLabels.app: web -> shop",
        "    ~ spec.template.metadata.labels.app: web -> shop",
        "    ~ spec.template.spec.containers[0].image: web:1 -> web:2",
        "- PersistentVolumeClaim/shop/data",
        "",
        "Plan: 3 to change, 1 to delete",
        "Digest: DIGEST",
        "Held: 1 of kind PersistentVolumeClaim would be deleted",
        "  - PersistentVolumeClaim/shop/data",
        "",
      ].join("\n"),
    );
    expect(code).toBe(1);
  });

  test("as Markdown for a pull request", async () => {
    const { stdout } = await plan("--base", "v1", "--format", "markdown", "./production");
    expect(stdout).toMatch(/^### `production since v1 \([0-9a-f]{7}\)`\n\n\*\*Look twice\*\*\n/);
    expect(stdout).toContain("| `Deployment/shop/web` | `web:1` | `web:2` |");
    expect(stdout).toContain("- delete `PersistentVolumeClaim/shop/data`");
    expect(stdout).toContain("<details><summary>update <code>Secret/shop/token</code></summary>");
    expect(stdout).not.toMatch(/the-old|the-new|AgB/);
  });

  test("has nothing to say where nothing changed, and all where there was nothing", async () => {
    await write("fresh/kustomization.yaml", "resources: [claim.yaml]\n");
    await write("fresh/claim.yaml", claim);
    const fresh = await plan("--base", "v1", "./fresh");
    expect(fresh.stdout).toContain("+ PersistentVolumeClaim/shop/data  # fresh/claim.yaml:1\n");
    await git(dir, "add", "-A");
    await git(dir, "commit", "-q", "-m", "two");
    const same = await plan("--base", "HEAD", "./production");
    expect(same.stdout).toContain("\nPlan: 3 unchanged\n");
    expect(same.code).toBe(0);
  });

  test("plans the head against nothing where the base is broken, and says so", async () => {
    await write("repaired/kustomization.yaml", "resources: [claim.yaml]\n");
    await write("repaired/claim.yaml", "a: [\n");
    await git(dir, "add", "-A");
    await git(dir, "commit", "-q", "-m", "broken");
    await git(dir, "tag", "broken");
    const still = await plan("--base", "broken", "./repaired");
    expect(still.code).toBe(2);
    await write("repaired/claim.yaml", claim);
    const { code, stdout, stderr } = await plan("--base", "broken", "./repaired");
    expect(stdout).toMatch(/^repaired since broken \([0-9a-f]{7}\), which is broken: planned against nothing\n/);
    expect(stdout).toContain("+ PersistentVolumeClaim/shop/data  # repaired/claim.yaml:1\n");
    expect(stderr).toContain("broken is broken: ");
    expect(stderr).toContain("repaired/claim.yaml");
    expect(code).toBe(1);
    await write("repaired/kustomization.yaml", "resources: []\n");
    expect((await plan("--base", "broken", "./repaired")).code).toBe(0);
  });

  test.each([
    [["--base", "v2", "./production"], "has no revision v2"],
    [["--base=--output=x", "./production"], "has no revision --output=x"],
    [["--base", "HEAD", "/"], "the folder is not in a Git checkout"],
    [["./production"], "--offline and --base must be used together"],
    [["--base", "v1", "./nowhere"], "there is no folder ./nowhere"],
  ])("says what is wrong with %j", async (args, message) => {
    const { code, stderr } = await plan(...args);
    expect(code).toBeGreaterThan(1);
    expect(stderr).toContain(message);
  });
});

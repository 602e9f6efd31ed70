import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runMooring } from "../run-mooring.ts";

/**
 * A stand-in for helm, which cannot be fetched here: it answers `template` with a ConfigMap that holds what it was called
 * with, so that the test sees what a real one would have been asked.
 */
const standIn = `#!/bin/sh
if [ "$1" != template ]; then echo "unexpected: $*" >&2; exit 3; fi
cat <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: asked}
data: {args: "$*", home: "$HELM_CONFIG_HOME"}
END
`;

describe("mooring build with helmCharts", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "mooring-helm-test-"));
    await mkdir(join(dir, "charts/shop"), { recursive: true });
    await writeFile(join(dir, "charts/shop/Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    await writeFile(
      join(dir, "kustomization.yaml"),
      "namePrefix: pre-\nhelmCharts:\n- {name: shop, releaseName: mine, namespace: market}\n",
    );
    await writeFile(join(dir, "helm"), standIn);
    await chmod(join(dir, "helm"), 0o755);
    await writeFile(join(dir, "broken"), '#!/bin/sh\necho "Error: chart is damaged" >&2\nexit 1\n');
    await chmod(join(dir, "broken"), 0o755);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it("refuses them by name where helm was not allowed", async () => {
    const { code, stderr } = await runMooring(["build", dir]);
    expect(code).toBe(1);
    expect(stderr).toContain("--enable-helm");
    expect(stderr).toContain("shop");
  });

  it("runs helm with what the chart asks for and a home of its own, and transforms what it prints", async () => {
    const { code, stdout, stderr } = await runMooring([
      "build",
      dir,
      "--enable-helm",
      "--helm-command",
      join(dir, "helm"),
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("name: pre-asked");
    expect(stdout).toMatch(/args: template mine .*charts\/shop\s+--namespace market/);
    expect(stdout).toMatch(/home: .*mooring-helm-/);
  });

  it("says that the program is missing", async () => {
    const { code, stderr } = await runMooring(["build", dir, "--enable-helm", "--helm-command", join(dir, "nowhere")]);
    expect(code).toBe(1);
    expect(stderr).toContain("there is no program");
  });

  it("says what helm said where it fails", async () => {
    const { code, stderr } = await runMooring(["build", dir, "--enable-helm", "--helm-command", join(dir, "broken")]);
    expect(code).toBe(1);
    expect(stderr).toContain("chart is damaged");
  });
});

import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type CacheEntry, cacheDirectory, ensureBuilt, isComplete } from "./cache.ts";
import { buildFlags, countStalePackages, goProgress, runGo } from "./go.ts";
import { createProgress } from "./progress.ts";

export { goMissing } from "./go.ts";

/** The parts of a control plane. */
export type ControlPlaneTool = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler";

/** The real programs that say what the right answer is. */
export type Oracle = "kustomize" | "kubeseal" | "sops";

/** Every program that is built for the tests and the demo. */
export type ToolName = ControlPlaneTool | Oracle;

const controlPlaneModule = join(import.meta.dirname, "controlplane");

/** Where Go finds each part. The modules and their versions are pinned by `controlplane/go.mod`. */
const controlPlanePackages: Readonly<Record<ControlPlaneTool, string>> = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
};

const controlPlaneTools = Object.keys(controlPlanePackages) as readonly ControlPlaneTool[];

/** Versions that Go 1.26 builds: kustomize 5.8.3 wants 1.27. */
const oracles: Readonly<Record<Oracle, { readonly path: string; readonly version: string }>> = {
  kustomize: { path: "sigs.k8s.io/kustomize/kustomize/v5", version: "v5.8.2" },
  kubeseal: { path: "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal", version: "v0.27.1" },
  sops: { path: "github.com/getsops/sops/v3/cmd/sops", version: "v3.10.2" },
};

/**
 * The path of a program, built first where it is not yet: the control plane's parts together, each oracle alone.
 * `KUBEBUILDER_ASSETS` is used for the control plane where it holds all of its parts. Throws `ToolMissing`.
 */
export async function tool(name: ToolName, signal?: AbortSignal): Promise<string> {
  const assets = isOracle(name) ? undefined : kubebuilderAssets();
  if (assets !== undefined) return join(assets, name);
  const entry = isOracle(name) ? oracleEntry(name) : controlPlaneEntry();
  await ensureBuilt(entry, signal);
  return join(entry.dir, name);
}

/** Builds whatever is missing of what every run of the tests needs. */
export async function buildAll(signal?: AbortSignal): Promise<void> {
  for (const name of ["etcd", "kustomize", "kubeseal"] as const) await tool(name, signal);
}

/** Whether the control plane can start without building anything. */
export async function isControlPlaneBuilt(): Promise<boolean> {
  return kubebuilderAssets() !== undefined || (await isComplete(controlPlaneEntry()));
}

/** The folder in `KUBEBUILDER_ASSETS` when every part of a control plane is in it; setup-envtest alone brings only two. */
export function kubebuilderAssets(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const dir = env.KUBEBUILDER_ASSETS;
  if (dir === undefined || dir === "") return undefined;
  try {
    for (const name of controlPlaneTools) accessSync(join(dir, name), constants.X_OK);
    return dir;
  } catch {
    return undefined;
  }
}

function isOracle(name: ToolName): name is Oracle {
  return name in oracles;
}

function controlPlaneEntry(): CacheEntry {
  const sums = readFileSync(join(controlPlaneModule, "go.sum"));
  const key = createHash("sha256").update(sums).digest("hex").slice(0, 16);
  return {
    dir: join(cacheDirectory(), `controlplane-${key}`),
    files: controlPlaneTools,
    build: buildControlPlane,
    onWait: sayWaiting("the control plane"),
  };
}

async function buildControlPlane(dir: string, signal?: AbortSignal): Promise<void> {
  const what = `the control plane (${controlPlaneTools.join(", ")})`;
  const progress = createProgress(process.stderr);
  const packages = Object.values(controlPlanePackages);
  const run = { cwd: controlPlaneModule, ...(signal === undefined ? {} : { signal }) };
  progress.update({ what: `Looking up what ${what} needs`, done: packages.length, unit: "programs" });
  const total = await countStalePackages(packages, { ...run, onLine: goProgress(what, progress) });
  const args = ["build", "-v", ...buildFlags, "-o", dir, ...packages];
  await runGo({ ...run, args, onLine: goProgress(what, progress, total) });
  // Go names a program after the last part of its path, which is "server" here.
  await rename(join(dir, "server"), join(dir, "etcd"));
  progress.finish(`Built ${what}`);
}

function oracleEntry(name: Oracle): CacheEntry {
  const { path, version } = oracles[name];
  return {
    dir: join(cacheDirectory(), `${name}-${version}`),
    files: [name],
    onWait: sayWaiting(name),
    build: async (dir, signal) => {
      const progress = createProgress(process.stderr);
      const what = `${name} ${version}`;
      progress.update({ what: `Building ${what}`, done: 0, unit: "packages" });
      await runGo({
        args: ["install", "-v", ...buildFlags, `${path}@${version}`],
        cwd: dir,
        env: { GOBIN: dir },
        onLine: goProgress(what, progress),
        ...(signal === undefined ? {} : { signal }),
      });
      progress.finish(`Built ${what}`);
    },
  };
}

function sayWaiting(what: string): (holder: number | undefined) => void {
  return (holder) => {
    const who = holder === undefined ? "another process" : `process ${holder}`;
    process.stderr.write(`Waiting for ${who}, which builds ${what}\n`);
  };
}

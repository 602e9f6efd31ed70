import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { type CacheEntry, cacheDirectory, ensureBuilt, isComplete } from "./cache.ts";
import { buildFlags, goProgress, runGo } from "./go.ts";
import { type PinnedModule, pinnedModuleEntry } from "./pinned-module.ts";
import { createProgress } from "./progress.ts";

export { goMissing } from "./go.ts";

/** The parts of a control plane. */
export type ControlPlaneTool = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler";

/** The real programs that say what the right answer is. */
export type Oracle = "kustomize" | "kubeseal" | "sops";

/** Every program that is built for the tests and the demo. */
export type ToolName = ControlPlaneTool | "gitea" | Oracle;

const controlPlane: PinnedModule<ControlPlaneTool> = {
  folder: "controlplane",
  what: "the control plane",
  programs: {
    etcd: "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
  },
};

const controlPlaneTools = Object.keys(controlPlane.programs) as readonly ControlPlaneTool[];

const gitea: PinnedModule<"gitea"> = {
  folder: "gitea",
  what: "the forge",
  programs: { gitea: "code.gitea.io/gitea" },
  cgo: { tags: ["sqlite", "sqlite_unlock_notify"] },
  assets: { module: "code.gitea.io/gitea", folders: ["options", "public", "templates"] },
};

/** Versions that Go 1.26 builds: kustomize 5.8.3 wants 1.27. */
const oracles: Readonly<Record<Oracle, { readonly path: string; readonly version: string }>> = {
  kustomize: { path: "sigs.k8s.io/kustomize/kustomize/v5", version: "v5.8.2" },
  kubeseal: { path: "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal", version: "v0.27.1" },
  sops: { path: "github.com/getsops/sops/v3/cmd/sops", version: "v3.13.3" },
};

/**
 * The path of a program, built first where it is not yet: the control plane's parts together, Gitea and each oracle alone.
 * Gitea's `options`, `public` and `templates` are beside it.
 * `KUBEBUILDER_ASSETS` is used for the control plane where it holds all of its parts. Throws `ToolMissing`.
 */
export async function tool(name: ToolName, signal?: AbortSignal): Promise<string> {
  const assets = isPart(name) ? kubebuilderAssets() : undefined;
  if (assets !== undefined) return join(assets, name);
  const entry = entryOf(name);
  await ensureBuilt(entry, signal);
  return join(entry.dir, name);
}

/** Builds whatever is missing of what every run of the tests needs. */
export async function buildAll(signal?: AbortSignal): Promise<void> {
  for (const name of ["etcd", "gitea", "kustomize", "kubeseal"] as const) await tool(name, signal);
}

/** Whether it can be started without building anything. */
export async function isBuilt(name: ToolName): Promise<boolean> {
  return (isPart(name) && kubebuilderAssets() !== undefined) || (await isComplete(entryOf(name)));
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

function isPart(name: ToolName): name is ControlPlaneTool {
  return name in controlPlane.programs;
}

function entryOf(name: ToolName): CacheEntry {
  if (isPart(name)) return pinnedModuleEntry(controlPlane, sayWaiting(controlPlane.what));
  return name === "gitea" ? pinnedModuleEntry(gitea, sayWaiting(gitea.what)) : oracleEntry(name);
}

function oracleEntry(name: Oracle): CacheEntry {
  const { path, version } = oracles[name];
  return {
    dir: join(cacheDirectory(), `${name}-${version}`),
    files: [name],
    onWait: sayWaiting(`${name} ${version}`),
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
    process.stderr.write(`Waiting for ${who} to build ${what}; this ends when it has, or is gone\n`);
  };
}

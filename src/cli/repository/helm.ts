import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../../model/failure.ts";
import type { Helm } from "../../render/index.ts";

const run = promisify(execFile);
const outputLimit = 64 * 1024 * 1024;

/** How a program that could not be run, or failed, is told by `execFile`. */
interface ExecError {
  readonly code?: string | number;
  readonly stderr?: string;
}

/**
 * Runs a helm binary for `helmCharts`, from the root of the tree, with configuration and caches of its own that are gone
 * afterwards, as kustomize does. Throws `Failure`: ToolMissing where there is no such binary, RenderFailed with what helm
 * says where it fails.
 */
export function helmRunner(
  command: string,
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Helm {
  return async (args) => {
    const home = await mkdtemp(join(tmpdir(), "mooring-helm-"));
    const homes = { HELM_CONFIG_HOME: home, HELM_CACHE_HOME: join(home, "cache"), HELM_DATA_HOME: join(home, "data") };
    try {
      const options = { cwd: root, env: { ...env, ...homes }, maxBuffer: outputLimit, signal };
      return (await run(command, [...args], options)).stdout;
    } catch (thrown) {
      throw failureOf(command, thrown as ExecError);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  };
}

function failureOf(command: string, error: ExecError): Failure {
  if (error.code === "ENOENT") {
    const hint = "install helm, or name it with --helm-command";
    return new Failure("ToolMissing", { message: `there is no program ${command}`, hint }, { cause: error });
  }
  const said = error.stderr?.trim().split("\n").at(-1) ?? "";
  return new Failure("RenderFailed", { field: "helmCharts", message: `${command} failed: ${said}` }, { cause: error });
}

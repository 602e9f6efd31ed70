import { execFileSync } from "node:child_process";

/** Why a test cannot run that needs a program of the system; undefined where it is there. */
export function programMissing(name: string, ...asked: readonly string[]): string | undefined {
  try {
    execFileSync(name, asked, { stdio: "ignore" });
    return undefined;
  } catch (thrown) {
    return Object(thrown).code === "ENOENT" ? `${name} is not installed` : undefined;
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";

/** A folder that stands beside the project on machines that have it, or undefined. It is never copied into the project. */
export function sharedFolder(...path: readonly string[]): string | undefined {
  const folder = join(import.meta.dirname, "../../../shared", ...path);
  return existsSync(folder) ? folder : undefined;
}

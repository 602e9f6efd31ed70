import { decryptBinary, decryptDocuments } from "./documents.ts";
import type { SopsKeys } from "./keys.ts";
import { decryptDotenv, decryptIni } from "./lines.ts";

/** The forms of a file that SOPS writes. */
export type SopsFormat = "yaml" | "json" | "dotenv" | "ini" | "binary";

/** The form a file was encrypted in; undefined where it is not encrypted. The marks are those that Flux goes by. */
export function sopsFormat(path: string, content: Uint8Array): SopsFormat | undefined {
  const text = Buffer.from(content).toString("latin1");
  const named = formatOfName(path);
  if (named === "yaml" && /^[ \t]+"?mac"?: "?ENC\[AES256_GCM,/m.test(text) && /^"?sops"?:/m.test(text)) return "yaml";
  if (/^[ \t]*"mac": ?"ENC\[AES256_GCM,/m.test(text) && /"sops": ?\{/.test(text))
    return named === "json" ? "json" : "binary";
  if (/^sops_mac=ENC\[AES256_GCM,/m.test(text)) return "dotenv";
  return /^\[sops\]$/m.test(text) && /^mac[ \t]*= ?ENC\[AES256_GCM,/m.test(text) ? "ini" : undefined;
}

/** The form that the end of a name stands for, as SOPS has it: `.yaml`, `.yml`, `.json`, `.env`, `.ini`, else binary. */
export function formatOfName(name: string): SopsFormat {
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (name.endsWith(".json")) return "json";
  if (name.endsWith(".env")) return "dotenv";
  return name.endsWith(".ini") ? "ini" : "binary";
}

/** Decrypts a file and checks its MAC. Throws `Failure` (SealInvalid, UnsealFailed), never with a value in it. */
export async function decryptFile(content: Uint8Array, format: SopsFormat, keys: SopsKeys): Promise<Buffer> {
  const text = Buffer.from(content).toString();
  switch (format) {
    case "yaml":
    case "json":
      return Buffer.from(await decryptDocuments(text, format, keys));
    case "dotenv":
      return Buffer.from(await decryptDotenv(text, keys));
    case "ini":
      return Buffer.from(await decryptIni(text, keys));
    case "binary":
      return decryptBinary(text, keys);
  }
}

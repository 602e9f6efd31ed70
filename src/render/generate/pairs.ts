import { Failure } from "../../model/failure.ts";
import { type Loader, loadFile } from "../load/loader.ts";
import { baseName } from "../load/paths.ts";

/** Where the pairs of a generated ConfigMap or Secret come from. */
export interface PairSources {
  readonly name?: string;
  readonly literals?: readonly string[];
  readonly files?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
}

/**
 * The pairs of a generator: from env files, then literals, then files.
 * Throws `Failure` (PathNotFound, PathEscapes, KustomizationInvalid).
 * Source: sigs.k8s.io/kustomize/api/kv.
 */
export async function readPairs(loader: Loader, sources: PairSources): Promise<ReadonlyMap<string, Uint8Array>> {
  const pairs = new Map<string, Uint8Array>();
  const add = (key: string, value: Uint8Array) => {
    if (pairs.has(key)) throw invalid(`configmap ${sources.name ?? ""} illegally repeats the key \`${key}\``, key);
    pairs.set(key, value);
  };
  const envs = [...(sources.envs ?? []), ...(sources.env ? [sources.env] : [])];
  for (const path of envs) {
    const { content } = await loadFile(loader, path);
    for (const [key, value] of parseEnv(content, path)) add(key, encoder.encode(value));
  }
  for (const literal of sources.literals ?? []) {
    const [key, value] = parseLiteral(literal);
    add(key, encoder.encode(value));
  }
  for (const source of sources.files ?? []) {
    const [key, path] = parseFileSource(source);
    add(key, (await loadFile(loader, path)).content);
  }
  return pairs;
}

const encoder = new TextEncoder();

/** `key=value`, the value without the quotes around it. */
function parseLiteral(literal: string): readonly [string, string] {
  const equals = literal.indexOf("=");
  if (equals <= 0) throw invalid(`invalid literal source ${literal}, expected key=value`, "literals");
  const value = literal.slice(equals + 1);
  const [first = ""] = value;
  const quoted = value.length > 1 && (first === '"' || first === "'") && value.endsWith(first);
  return [literal.slice(0, equals), quoted ? value.slice(1, -1) : value];
}

/** `[key=]path`; without a key the name of the file is the key. */
function parseFileSource(source: string): readonly [string, string] {
  const parts = source.split("=");
  const [key = "", path = ""] = parts;
  if (parts.length === 1) return [baseName(source), source];
  if (parts.length > 2) throw invalid(`source "${source}" key name or file path contains '='`, "files");
  if (key === "") throw invalid(`missing key name for file path "${path}" in source "${source}"`, "files");
  if (path === "") throw invalid(`missing file path for key name "${key}" in source "${source}"`, "files");
  return [key, path];
}

/** The pairs of an env file: one on a line, comments and empty lines left out, a key without `=` having no value. */
function parseEnv(content: Uint8Array, path: string): readonly (readonly [string, string])[] {
  const lines = decodeLines(content, path);
  return lines.flatMap((raw) => {
    const line = raw.replace(/^[\s\u0085]+/u, "");
    if (line === "" || line.startsWith("#")) return [];
    const equals = line.indexOf("=");
    const pair: readonly [string, string] = equals < 0 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)];
    return pair[0] === "" ? [] : [pair];
  });
}

function decodeLines(content: Uint8Array, path: string): readonly string[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    const lines = text.split("\n");
    refuseLongLine(lines, path);
    return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw new Failure("KustomizationInvalid", { message: "an env file must be UTF-8 text", file: path });
  }
}

/** As long as a line may be for Go's scanner, which stops at a longer one and leaves out all that comes behind it. */
const maxLineBytes = 64 * 1024 - 1;

function refuseLongLine(lines: readonly string[], path: string): void {
  const index = lines.findIndex((line) => line.length > maxLineBytes / 3 && Buffer.byteLength(line) > maxLineBytes);
  if (index < 0) return;
  throw new Failure("KustomizationInvalid", {
    message: "a line of an env file must be shorter than 64 KiB",
    file: path,
    line: index + 1,
    hint: "kustomize drops such a line and all lines after it; put the value into a separate file",
  });
}

function invalid(message: string, field: string): Failure {
  return new Failure("KustomizationInvalid", { message, field });
}

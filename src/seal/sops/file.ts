import { Failure } from "../../model/failure.ts";
import type { SopsKeys } from "./encryption/keys.ts";
import { isMetadata, readMetadata } from "./encryption/metadata.ts";
import { openBranches } from "./encryption/opening.ts";
import { redactBinary, redactBranches } from "./redact.ts";
import { readDotenv, writeDotenv } from "./stores/dotenv.ts";
import { unflattened } from "./stores/flat-metadata.ts";
import { readIni } from "./stores/ini-read.ts";
import { writeIni } from "./stores/ini-write.ts";
import { readJson } from "./stores/json-read.ts";
import { writeJson } from "./stores/json-write.ts";
import { readYaml } from "./stores/yaml/read.ts";
import { writeYaml } from "./stores/yaml/write.ts";
import { Branch, Comment, type Data, dataOf, type Encoding } from "./tree.ts";

/** The file formats of SOPS. */
export type SopsFormat = "yaml" | "json" | "dotenv" | "ini" | "binary";

/** A file, read as one that SOPS may have encrypted. */
export interface SopsFile {
  readonly format: SopsFormat;
  readonly encoding: Encoding;
  /** Its documents, without the metadata. */
  readonly branches: readonly Branch[];
  /** The member `sops`, where it is SOPS' metadata; undefined where the file was not encrypted. */
  readonly metadata: Data | undefined;
}

/** The format by file name extension, as SOPS has it: `.yaml`, `.yml`, `.json`, `.env`, `.ini`, else binary. */
export function formatOfName(name: string): SopsFormat {
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (name.endsWith(".json")) return "json";
  if (name.endsWith(".env")) return "dotenv";
  return name.endsWith(".ini") ? "ini" : "binary";
}

/** The form a file was encrypted in, found by reading it; undefined where it is not encrypted. Throws `Failure` (SealInvalid). */
export function sopsFormat(name: string, content: Uint8Array): SopsFormat | undefined {
  const file = readSopsFile(name, content);
  return file?.metadata === undefined ? undefined : file.format;
}

/**
 * Reads a file that SOPS may have encrypted, in the format of its name; for other names as binary, INI or dotenv, whichever
 * has metadata. Undefined where it is in none of the formats, or has nothing of SOPS in it.
 */
export function readSopsFile(name: string, content: Uint8Array): SopsFile | undefined {
  if (!mayConcernSops(content)) return undefined;
  const format = formatOfName(name);
  if (format !== "binary") return readAs(format, content);
  const forms = ["binary", "ini", "dotenv"] as const;
  return forms.map((form) => readAs(form, content)).find((file) => file?.metadata !== undefined);
}

/**
 * Decrypts a file that is in a form of SOPS, and gives it out as `sops --decrypt` does, byte for byte, once its MAC was
 * found right. Throws `Failure` (SealInvalid, UnsealFailed), never with a value in it.
 */
export async function decryptFile(content: Uint8Array, format: SopsFormat, keys: SopsKeys): Promise<Buffer> {
  const file = readAs(format, content);
  if (file === undefined) {
    throw new Failure("SealInvalid", { message: `was not written by SOPS: it cannot be read as ${format}` });
  }
  return decryptSopsFile(file, keys);
}

/** The same for a file that was read. */
export async function decryptSopsFile(file: SopsFile, keys: SopsKeys): Promise<Buffer> {
  return (await openSopsFile(file, keys)).plain;
}

/** A file that was opened. */
export interface OpenedFile {
  /** As `sops --decrypt` gives it out. */
  readonly plain: Buffer;
  /** The same file with other values in the place of those that were encrypted; see `redactBranches`. */
  readonly redacted: () => Buffer;
}

/** Decrypts a file that was read. Throws as `decryptFile`. */
export async function openSopsFile(file: SopsFile, keys: SopsKeys): Promise<OpenedFile> {
  const { branches, encoding, format } = file;
  const opened = await openBranches(branches, readMetadata(file.metadata), { keys, encoding });
  const plain = written(format, opened);
  const redacted = () =>
    format === "binary" ? redactBinary(plain) : written(format, redactBranches(opened, branches));
  return { plain, redacted };
}

function written(format: SopsFormat, opened: readonly Branch[]): Buffer {
  const [first = new Branch([])] = opened;
  switch (format) {
    case "yaml":
      return Buffer.from(writeYaml(opened));
    case "json":
      return Buffer.from(writeJson(first));
    case "dotenv":
      return Buffer.from(writeDotenv(first), "latin1");
    case "ini":
      return Buffer.from(writeIni(first), "latin1");
    case "binary":
      return binaryOf(first);
  }
}

/** The one text under `data`: how SOPS keeps a file of any other kind. */
function binaryOf(branch: Branch): Buffer {
  const data = branch.get("data");
  if (Buffer.isBuffer(data)) return data;
  if (typeof data === "string") return Buffer.from(data);
  throw new Failure("SealInvalid", { message: "is not a binary file of SOPS: it has no data", field: "data" });
}

/** The word, plain or with an escape of YAML or JSON in it, or the mark of a value. */
function mayConcernSops(content: Uint8Array): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return bytes.includes("sops") || bytes.includes("ENC[") || /\\[xuU]/.test(bytes.toString("latin1"));
}

function readAs(format: SopsFormat, content: Uint8Array): SopsFile | undefined {
  const bytes = Buffer.from(content);
  if (format === "dotenv" || format === "ini") return readLines(format, bytes.toString("latin1"));
  const text = utf8(bytes, format === "yaml");
  if (text === undefined) return undefined;
  const single = format === "yaml" ? undefined : readJson(text);
  const branches = format === "yaml" ? readYaml(text) : single === undefined ? undefined : [single];
  if (branches === undefined) return undefined;
  const members = branches.map((branch) => dataOf(branch.get("sops")));
  // Only that of the first document counts; one further down is noticed, for the file is not to pass as a plain one.
  const metadata = members.find(isMetadata) === undefined ? undefined : members[0];
  const rest = metadata === undefined ? branches : branches.map((branch) => branch.without("sops"));
  return { format, encoding: "utf8", branches: rest, metadata };
}

function readLines(format: "dotenv" | "ini", text: string): SopsFile | undefined {
  const branch = format === "dotenv" ? readDotenv(text) : readIni(text);
  if (branch === undefined) return undefined;
  const section = branch.get("sops");
  const own = format === "dotenv" ? branch : section instanceof Branch ? section : new Branch([]);
  const prefix = format === "dotenv" ? "sops_" : "";
  const flat = own.items.flatMap((item): readonly (readonly [string, string])[] => {
    if (item instanceof Comment || typeof item.value !== "string" || !item.key.startsWith(prefix)) return [];
    const value = format === "ini" ? item.value.replaceAll("\\n", "\n") : item.value;
    return [[item.key.slice(prefix.length), value]];
  });
  const data = unflattened(flat);
  const metadata = isMetadata(data) ? data : undefined;
  const isOwn = (key: string) => (format === "dotenv" ? key.startsWith(prefix) : key === "sops");
  const rest = branch.items.filter((item) => item instanceof Comment || !isOwn(item.key));
  return { format, encoding: "latin1", branches: [metadata === undefined ? branch : new Branch(rest)], metadata };
}

/** Go's JSON takes no byte order mark, its YAML drops it. */
function utf8(bytes: Buffer, dropsMark: boolean): string | undefined {
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) return undefined;
  return dropsMark ? text.replace(/^\ufeff/, "") : text;
}

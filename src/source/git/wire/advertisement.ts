import { Failure } from "../../../model/failure.ts";
import { tooLarge } from "../objects/limits.ts";
import type { ProtocolVersion } from "../transport/git-transport.ts";
import { readLines, refuseError } from "./pkt-line.ts";
import { maxRefBytes, RefList, type ServerRef } from "./server-refs.ts";

/** The advertisement of a server. */
export interface Advertisement {
  readonly version: ProtocolVersion;
  /** As the server writes them, `object-format=sha1` among them; of version 2 also the features of its `fetch`. */
  readonly capabilities: ReadonlySet<string>;
  /** By name; version 2 has none here. */
  readonly refs: ReadonlyMap<string, ServerRef>;
}

/** What is read of an advertisement. */
export interface AdvertisementOptions {
  /** For messages. */
  readonly address: string;
  /** The references to keep start with one of these. */
  readonly prefixes: readonly string[];
}

/** Characters of all capabilities together: version 0 has one packet for them. */
const maxCapabilities = 64 * 1024;

/**
 * Reads an advertisement: gitprotocol-v2(5), "Capability Advertisement", or gitprotocol-pack(5), "Reference
 * Discovery", with the line before it where HTTP puts one (gitprotocol-http(5)). Throws `Failure`: SourceInvalid for what is
 * not of the Git protocol or cut short, and for objects named by SHA-256, SourceDenied where the server refuses, InputTooLarge.
 */
export async function readAdvertisement(
  body: AsyncIterable<Uint8Array>,
  { address, prefixes }: AdvertisementOptions,
): Promise<Advertisement> {
  const list = new RefList(prefixes);
  const capabilities = new Capabilities(address);
  let version: ProtocolVersion = 0;
  for await (const line of readLines(body, maxRefBytes)) {
    refuseError(line);
    if (line === "version 2") version = 2;
    else if (version === 2) capabilities.add(line);
    else if (!isNoRef(line)) readRef(line, list, capabilities);
  }
  return { version, capabilities: capabilities.all, refs: list.refs };
}

/** The line that HTTP puts before, the one of version 1, and those of a shallow repository after its references. */
const isNoRef = (line: string): boolean => /^(?:# service=|version 1$|shallow )/.test(line);

/** `<oid> <name>`, behind the first one the capabilities; a tag is followed by what it points to, as `<name>^{}`. */
function readRef(line: string, list: RefList, capabilities: Capabilities): void {
  const [named = "", after] = line.split("\0");
  for (const word of after?.trim().split(" ") ?? []) capabilities.add(word);
  const space = named.indexOf(" ");
  const [oid, ref] = [named.slice(0, Math.max(space, 0)), named.slice(space + 1)];
  const target = ref === "HEAD" ? capabilities.targetOfHead : undefined;
  if (ref.endsWith(peeledSuffix)) list.peel(ref.slice(0, -peeledSuffix.length), oid);
  else list.add({ ref, oid, ...(target === undefined ? {} : { target }) });
}

const peeledSuffix = "^{}";
const symrefOfHead = "symref=HEAD:";

class Capabilities {
  readonly all = new Set<string>();
  /** Where HEAD points to, before version 2: `symref=HEAD:refs/heads/main`. */
  targetOfHead: string | undefined;
  readonly #address: string;
  #size = 0;

  constructor(address: string) {
    this.#address = address;
  }

  add(word: string): void {
    this.#size += word.length;
    if (this.#size > maxCapabilities) throw tooLarge("characters of capabilities", maxCapabilities);
    if (word === "object-format=sha256") throw namedBySha256(this.#address);
    this.all.add(word);
    // Kept here, and not looked for: a server may name HEAD in every line.
    if (word.startsWith(symrefOfHead)) this.targetOfHead ??= word.slice(symrefOfHead.length);
    if (word.startsWith("fetch=")) for (const feature of word.slice("fetch=".length).split(" ")) this.all.add(feature);
  }
}

function namedBySha256(address: string): Failure {
  return new Failure("SourceInvalid", {
    message: `${address} uses SHA-256 object names, which are not supported`,
    hint: "create the repository with git init --object-format=sha1",
  });
}

import { tooLarge } from "../objects/limits.ts";
import { delimiter, flush, notGitProtocol, packet, readLines, refuseError } from "./pkt-line.ts";

/** A reference that a server has. */
export interface ServerRef {
  /** Its full name: `refs/heads/main`. */
  readonly ref: string;
  readonly oid: string;
  /** What an annotated tag points to in the end. */
  readonly peeled?: string;
  /** The name of the reference that a symbolic one points to. */
  readonly target?: string;
}

/** Bytes of one list of references: a hundred thousand of them take about seven megabytes. */
export const maxRefBytes: number = 64 * 1024 ** 2;
/** References that are kept of one list. */
const maxRefs = 250_000;

/** Keeps the references of a list that start with one of the prefixes, in the order of the list. */
export class RefList {
  readonly #prefixes: readonly string[];
  readonly #refs = new Map<string, ServerRef>();

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes;
  }

  /** Throws `Failure`: SourceInvalid where it names no object by SHA-1, InputTooLarge beyond 250,000 references. */
  add(found: ServerRef): void {
    const { ref, oid, peeled } = found;
    if (!isOid(oid) || ref === "" || (peeled !== undefined && !isOid(peeled))) throw notGitProtocol();
    if (!this.#prefixes.some((prefix) => ref.startsWith(prefix))) return;
    this.#refs.set(ref, found);
    if (this.#refs.size > maxRefs) throw tooLarge("references", maxRefs);
  }

  /** Sets what a tag that is in the list points to. */
  peel(ref: string, peeled: string): void {
    const found = this.#refs.get(ref);
    if (found !== undefined) this.add({ ...found, peeled });
  }

  get refs(): ReadonlyMap<string, ServerRef> {
    return this.#refs;
  }
}

const isOid = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** The request for the references that start with one of the prefixes: gitprotocol-v2(5), "ls-refs". */
export function lsRefsRequest(prefixes: readonly string[], agent: string): Buffer {
  return Buffer.concat([
    packet("command=ls-refs"),
    packet(`agent=${agent}`),
    delimiter,
    packet("peel"),
    packet("symrefs"),
    ...prefixes.map((prefix) => packet(`ref-prefix ${prefix}`)),
    flush,
  ]);
}

/**
 * Reads the answer to `lsRefsRequest`; a server may send more than was requested. Throws `Failure`: SourceInvalid where it is
 * not of the Git protocol or cut short, SourceDenied where the server refuses, InputTooLarge.
 */
export async function readServerRefs(
  answer: AsyncIterable<Uint8Array>,
  prefixes: readonly string[],
): Promise<readonly ServerRef[]> {
  const list = new RefList(prefixes);
  for await (const line of readLines(answer, maxRefBytes)) {
    refuseError(line);
    const [oid = "", ref = "", ...attributes] = line.split(" ");
    if (oid !== "unborn") list.add({ ref, oid, ...attributesOf(attributes) });
  }
  return [...list.refs.values()];
}

function attributesOf(attributes: readonly string[]): Pick<ServerRef, "peeled" | "target"> {
  const value = (name: string) => attributes.find((each) => each.startsWith(name))?.slice(name.length);
  const [peeled, target] = [value("peeled:"), value("symref-target:")];
  return { ...(peeled === undefined ? {} : { peeled }), ...(target === undefined ? {} : { target }) };
}

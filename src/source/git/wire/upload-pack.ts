import { Failure } from "../../../model/failure.ts";
import { holdsInOrder } from "../../../model/text/in-order.ts";
import { oneLine } from "../../../model/text/one-line.ts";
import type { ProtocolVersion } from "../transport/git-transport.ts";
import { delimiter, flush, notGitProtocol, type Packet, packet, readPackets } from "./pkt-line.ts";

/** A request to `git upload-pack`. */
export interface PackRequest {
  /** The name of a commit or annotated tag. */
  readonly want: string;
  /** Commits that are here already, without their history; what they hold is not sent again. */
  readonly haves: readonly string[];
  /** How many commits of the history, itself included. */
  readonly depth: number;
  /** Leaves out the files; only servers with the capability `filter` know how. */
  readonly commitsOnly: boolean;
}

/** The protocol version and capabilities of a server. */
export interface Dialect {
  readonly version: ProtocolVersion;
  readonly capabilities: ReadonlySet<string>;
}

/**
 * The request for a pack: gitprotocol-v2(5), "fetch", or gitprotocol-pack(5), "Packfile Negotiation". No thin pack is
 * requested, so a pack needs no other.
 */
export function packRequest(request: PackRequest, dialect: Dialect, agent: string): Buffer {
  const shallows = request.haves.map((oid) => packet(`shallow ${oid}`));
  const deepen = [packet(`deepen ${request.depth}`), ...(request.commitsOnly ? [packet("filter tree:0")] : [])];
  const haves = request.haves.map((oid) => packet(`have ${oid}`));
  const want = `want ${request.want}`;
  if (dialect.version === 2) {
    const command = [packet("command=fetch"), packet(`agent=${agent}`), delimiter];
    const options = [packet("ofs-delta"), packet("no-progress")];
    return Buffer.concat([
      ...command,
      ...options,
      packet(want),
      ...shallows,
      ...deepen,
      ...haves,
      packet("done"),
      flush,
    ]);
  }
  const known = ["side-band-64k", "ofs-delta", "no-progress", ...(request.commitsOnly ? ["filter"] : [])];
  const features = known.filter((name) => dialect.capabilities.has(name));
  const first = packet([want, ...features, `agent=${agent}`].join(" "));
  return Buffer.concat([first, ...shallows, ...deepen, flush, ...haves, packet("done")]);
}

const dataBand = 1;
const progressBand = 2;
const errorBand = 3;

/**
 * The pack in the answer to a request, piece by piece as it arrives. What comes before it (shallow lines,
 * acknowledgements) follows from the request and is passed over.
 * Throws `Failure`: RefNotFound where the server does not hand out a commit, SourceInvalid for what is no answer.
 */
export async function* packOf(answer: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const line of readPackets(answer)) {
    if (typeof line === "string") continue;
    const band = line[0];
    if (band === dataBand) yield line.subarray(1);
    else if (band === errorBand) throw refusal(line.toString("utf8", 1));
    else if (band !== progressBand) checkPreamble(line);
  }
}

const preamble =
  /^(?:shallow-info|shallow [0-9a-f]+|unshallow [0-9a-f]+|acknowledgments|NAK|ACK [0-9a-f].*|ready|packfile)$/;

function checkPreamble(line: Exclude<Packet, string>): void {
  const text = line.toString("utf8").trimEnd();
  if (text.startsWith("ERR ")) throw refusal(text.slice("ERR ".length));
  if (!preamble.test(text)) throw notGitProtocol();
}

function refusal(words: string): Failure {
  const reason = oneLine(words);
  const notOurs =
    /not our ref|no such remote ref/i.test(words) || holdsInOrder(words.toLowerCase(), "not", "valid", "object");
  return notOurs
    ? new Failure("RefNotFound", {
        message: `the server has no such commit, or does not hand it out: ${reason}`,
        hint: "a commit must exist and be reachable from a branch or tag; some servers only hand out their tips",
      })
    : new Failure("SourceUnreachable", { message: `the server gave up: ${reason}` });
}

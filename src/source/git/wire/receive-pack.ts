import { Failure } from "../../../model/failure.ts";
import { oneLine } from "../../../model/text/one-line.ts";
import type { Advertisement } from "./advertisement.ts";
import { flush, packet, readPackets, within } from "./pkt-line.ts";

/** Moves a reference, only from the given commit. `zeroOid` stands for a reference that is not there. */
export interface RefUpdate {
  /** `refs/heads/production`. */
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

/** The name of no object. */
export const zeroOid: string = "0".repeat(40);

/** The body of a push of one reference: gitprotocol-pack(5), "Reference Update Request and Packfile Transfer". */
export function pushRequest(
  update: RefUpdate,
  pack: Buffer,
  server: Pick<Advertisement, "capabilities">,
  agent: string,
): Buffer {
  const features = ["report-status", "side-band-64k"].filter((name) => server.capabilities.has(name));
  const command = `${update.from} ${update.to} ${update.ref}`;
  const first = packet(`${command}\0${[...features, `agent=${agent}`].join(" ")}`);
  return Buffer.concat([first, flush, ...(update.to === zeroOid ? [] : [pack])]);
}

/** The outcome of a push: done, or why not, in the words of the server. */
export type PushReport = { readonly type: "done" } | { readonly type: "refused"; readonly message: string };

const band = { data: 1, progress: 2, error: 3 } as const;

/** Bytes of one report, with all that hooks print for people. */
const maxReportBytes = 1024 ** 2;

/**
 * Reads what the server reports: gitprotocol-pack(5), "Report Status". Throws `Failure`: SourceInvalid where it reports
 * nothing, InputTooLarge.
 */
export async function readReport(
  answer: AsyncIterable<Uint8Array>,
  server: Pick<Advertisement, "capabilities">,
): Promise<PushReport> {
  const progress: string[] = [];
  const lines: string[] = [];
  const inBands = server.capabilities.has("side-band-64k");
  const report = within(answer, maxReportBytes, "bytes in the report of a push");
  for await (const line of readPackets(inBands ? reportBand(report, progress) : report))
    if (typeof line !== "string") lines.push(line.toString("utf8").trimEnd());
  const refused = lines.find((line) => line.startsWith("ng ")) ?? lines.find((line) => /^unpack (?!ok$)/.test(line));
  const hint = progress.join("").trim();
  if (refused !== undefined) return { type: "refused", message: oneLine(`${refused.replace(/^ng \S+ /, "")} ${hint}`) };
  if (lines.some((line) => line.startsWith("ok "))) return { type: "done" };
  throw new Failure("SourceInvalid", {
    message: `the server does not report the result of the push ${oneLine(hint)}`,
  });
}

/** The report alone; what a hook prints for people is put aside. */
async function* reportBand(answer: AsyncIterable<Uint8Array>, progress: string[]): AsyncGenerator<Buffer> {
  for await (const line of readPackets(answer)) {
    if (typeof line === "string") continue;
    if (line[0] === band.data) yield line.subarray(1);
    else if (line[0] === band.progress || line[0] === band.error) progress.push(line.toString("utf8", 1));
  }
}

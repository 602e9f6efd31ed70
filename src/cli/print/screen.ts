import { randomUUID } from "node:crypto";
import { visible } from "../../model/text/visible.ts";

/** Stands around what this program itself tells a terminal. Nobody can know it, so that no foreign text passes for it. */
const mark = `\u{fdd0}${randomUUID()}\u{fdd0}`;

/** A sequence of this program's own for the terminal: a colour, or to the start of the line. */
export function ownSequence(sequence: string): string {
  return `${mark}${sequence}${mark}`;
}

/** A text as it leaves for a person: own sequences as they are, whatever else is a control character written out. */
export function forPeople(text: string): string {
  const shown = text
    .split(mark)
    .map((part, index) => (index % 2 === 0 ? visible(part) : part))
    .join("");
  return withoutCommands(shown);
}

/**
 * What runs this program in CI reads its output for commands: `::error::` at the start of a line, whatever space is before
 * it, `##[error]` and `##vso[…]` anywhere. None of them is ever ours. Upstream: ActionCommand.cs of actions/runner,
 * Command.cs of microsoft/azure-pipelines-agent.
 */
function withoutCommands(text: string): string {
  return text.replaceAll(/^([^\S\n]*):(?=:)/gm, "$1\\u003a").replaceAll(/#(?=#\w*\[)/g, "\\u0023");
}

/** A document or bytes: as they are for a program that reads them, made visible like everything else on a terminal. */
export function forReaders(data: string | Uint8Array, isTerminal: boolean): string | Uint8Array {
  if (!isTerminal) return data;
  return visible(typeof data === "string" ? data : Buffer.from(data).toString());
}

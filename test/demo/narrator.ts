import { withProgress } from "../../src/cli/print/progress.ts";
import { forPeople } from "../../src/cli/print/screen.ts";
import type { Output } from "../../src/cli/print/streams.ts";
import { type Style, styleFor } from "../../src/cli/print/style.ts";

const width = 100;

/** Tells what happens, with the time since the last heading. */
export interface Narrator {
  readonly style: Style;
  /** A heading; the clock starts again. */
  readonly heading: (text: string) => void;
  /** Something the demo does, as a person would. */
  readonly act: (text: string) => void;
  /** Something that was checked and is true, and how many milliseconds it took to come true. */
  readonly fact: (text: string, tookMs?: number) => void;
  /** A line as it is, indented. */
  readonly line: (text: string) => void;
  /** What a program said, set off from what the demo says. */
  readonly quote: (text: string) => void;
  /** Shows on a terminal what is being done, until the work ends. */
  readonly waiting: <T>(what: string, work: () => Promise<T>) => Promise<T>;
}

/** A narrator on a stream: colours on a terminal only, and not with NO_COLOR. */
export function createNarrator(
  stream: NodeJS.WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): Narrator {
  const isTerminal = stream.isTTY === true;
  const style = styleFor("auto", isTerminal, env);
  const write = (data: string | Uint8Array) => void stream.write(typeof data === "string" ? forPeople(data) : data);
  const say = (text: string): void => write(`${text}\n`);
  const output: Output = { isTerminal, style, line: say, write, writeData: write };
  return {
    style,
    heading: (text) => say(`\n${style.strong(text)}`),
    act: (text) => say(`  ${style.hint(">")} ${text}`),
    fact: (text, tookMs) => {
      const took = tookMs === undefined ? "" : style.faint(`  ${seconds(tookMs)}`);
      say(`  ${style.added("✓")} ${text}${took}`);
    },
    line: (text) => say(`    ${text}`),
    quote: (text) => {
      for (const line of wrap(text)) say(`    ${style.changed(`| ${line}`)}`);
    },
    waiting: (what, work) => withProgress(output, what, work),
  };
}

/** `40 ms`, `0.4 s`, `12.0 s`. */
export function seconds(ms: number): string {
  return ms < 95 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Breaks a text between words into lines of about the width; what has no spaces stays whole. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

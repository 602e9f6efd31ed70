import { type Alarm, after, every, reportBug } from "../../clock/index.ts";
import { ownSequence } from "./screen.ts";
import type { Output } from "./streams.ts";

const patience = 1000;
const tick = 120;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const clearLine = ownSequence("\r\u001b[K");

type Progress = Pick<Output, "isTerminal" | "style" | "write">;

/** Tells a waiting person what is being done; each call replaces what it said before. */
export type Say = (doing: string) => void;

/**
 * Does something that may take long, and after a second shows what and for how long: one moving line on a terminal,
 * nothing elsewhere. The line is gone when it ends.
 */
export async function withProgress<T>(output: Progress, doing: string, work: (say: Say) => Promise<T>): Promise<T> {
  if (!output.isTerminal) return work(() => {});
  let current = doing;
  let shown = 0;
  const draw = () => {
    const seconds = Math.floor((patience + shown * tick) / 1000);
    const frame = output.style.hint(frames[shown++ % frames.length] ?? "");
    output.write(`${clearLine}${frame} ${current} ${output.style.faint(`${seconds}s`)}`);
  };
  let ticker: Alarm | undefined;
  const begin = () => {
    draw();
    ticker = every(tick, draw, reportBug);
  };
  const start = after(patience, begin, reportBug);
  try {
    return await work((next) => {
      current = next;
    });
  } finally {
    start.stop();
    ticker?.stop();
    if (shown > 0) output.write(clearLine);
  }
}

/** How far something long is. */
export interface Step {
  /** What is done, as people read it: `Building the control plane`. */
  readonly what: string;
  /** Units done so far. */
  readonly done: number;
  /** Units in all, where that is known. */
  readonly total?: number;
  /** What a unit is: `packages`. */
  readonly unit: string;
}

/** Shows how far something is and how long it takes. */
export interface Progress {
  readonly update: (step: Step) => void;
  /** The end of it: one line that stays. */
  readonly finish: (line: string) => void;
}

interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly write: (text: string) => unknown;
}

const redrawEveryMs = 100;
const lineEveryMs = 10_000;

/** Progress on `stream`: one line redrawn on a terminal, a plain line every ten seconds elsewhere. */
export function createProgress(stream: Terminal, now: () => number = Date.now): Progress {
  const started = now();
  const terminal = stream.isTTY === true;
  let shown: number | undefined;
  const show = (text: string): unknown => stream.write(terminal ? `\r\u001b[K${text}` : `${text}\n`);
  return {
    update: (step) => {
      const elapsed = now() - started;
      if (shown !== undefined && elapsed - shown < (terminal ? redrawEveryMs : lineEveryMs)) return;
      shown = elapsed;
      show(describeStep(step, elapsed));
    },
    finish: (line) => {
      show(`${line} (${describeSpan(now() - started)})`);
      if (terminal) stream.write("\n");
    },
  };
}

/** `Building the control plane: 120 of 1840 packages, 21s, about 5m03s left`. */
export function describeStep(step: Step, elapsedMs: number): string {
  const amount = step.total === undefined ? `${step.done}` : `${step.done} of ${step.total}`;
  return `${step.what}: ${amount} ${step.unit}, ${describeSpan(elapsedMs)}${describeRest(step, elapsedMs)}`;
}

function describeRest(step: Step, elapsedMs: number): string {
  // Too early, an estimate only confuses; at the end it is about linking, which is not counted.
  if (step.total === undefined || step.done < step.total / 20 || step.done >= step.total) return "";
  return `, about ${describeSpan((elapsedMs * (step.total - step.done)) / step.done)} left`;
}

/** `4s`, `5m03s`. */
export function describeSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
}

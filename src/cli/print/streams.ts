import type { Style } from "./style.ts";

/** Where bytes go. */
export interface Sink {
  /** Writes text or bytes as they are; adds nothing. */
  write(data: string | Uint8Array): void;
  /** A person is looking: progress may be shown. */
  readonly isTerminal: boolean;
}

/** Where a command writes to. */
export interface Output extends Sink {
  /** The colours to use here; they leave the text as it is where colours are off. */
  readonly style: Style;
}

/** Where a command reads from. */
export interface Input {
  /** A person would have to type it. */
  readonly isTerminal: boolean;
  /** Everything up to the end. */
  read(): Promise<Uint8Array>;
}

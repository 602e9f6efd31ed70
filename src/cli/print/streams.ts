import type { Style } from "./style.ts";

/** Where bytes go. */
export interface Sink {
  /** Writes text or bytes as they are; adds nothing. */
  write(data: string | Uint8Array): void;
  /** A person is looking: progress may be shown. */
  readonly isTerminal: boolean;
}

/** Where a command writes to. */
export interface Output extends Pick<Sink, "isTerminal"> {
  /** The colours to use here; they leave the text as it is where colours are off. */
  readonly style: Style;
  /** Writes one line for people and its end: what strangers put into it, it stays one. */
  line(text: string): void;
  /** Writes lines for people, each with its end: control characters that are not of `style` are written out. */
  write(text: string): void;
  /** Writes a document or bytes for a program: as they are, but on a terminal. */
  writeData(data: string | Uint8Array): void;
}

/** Where a command reads from. */
export interface Input {
  /** A person would have to type it. */
  readonly isTerminal: boolean;
  /** Everything up to the end. */
  read(): Promise<Uint8Array>;
}

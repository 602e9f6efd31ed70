import { openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { pause } from "../../../clock/index.ts";
import { Failure } from "../../../model/failure.ts";
import type { Context } from "../../command/command.ts";

/** Asks for a value and shows nothing of what is typed. Throws `Failure` (UsageInvalid, Interrupted). */
export type Ask = (question: string) => Promise<string>;

/**
 * Opens the terminal by name, so that standard input stays free, for as long as there is something to ask. Whatever was
 * typed ahead is for the next question, and what is left at the end is thrown away: it is not to reach the shell. The
 * terminal is as before when this ends, and while the program is stopped with Ctrl-Z. Throws `Failure` (UsageInvalid)
 * where there is no terminal, Interrupted after Ctrl-C, and what `work` throws.
 */
export async function onTerminal<T>({ signal }: Pick<Context, "signal">, work: (ask: Ask) => Promise<T>): Promise<T> {
  const terminal = openTerminal();
  try {
    terminal.begin();
    return await work((question) => ask(terminal, question, signal));
  } finally {
    await terminal.end();
  }
}

interface Terminal {
  begin(): void;
  show(text: string): void;
  /** The next letter; undefined where there will be none. */
  next(signal: AbortSignal): Promise<string | undefined>;
  /** Stops the program, as Ctrl-Z does elsewhere, until it is asked to go on. */
  stop(): void;
  end(): Promise<void>;
}

/** Terminals that know how say where a paste begins and ends, so that its line breaks do not answer the question. */
const markPastes = "\u001b[?2004h";
const markNoPastes = "\u001b[?2004l";

/** What came with the last key is there by then. */
const drainMs = 30;

function openTerminal(): Terminal {
  let fd: number;
  try {
    // A number, and no handle: a handle that nobody holds any more is closed by the garbage collector.
    fd = openSync("/dev/tty", "r+");
  } catch (cause) {
    const hint = "pipe in the value, or give a file";
    throw new Failure("UsageInvalid", { message: "there is no terminal for the prompt", hint }, { cause });
  }
  const input = new ReadStream(fd);
  input.setEncoding("utf8");
  const letters: string[] = [];
  let ended = false;
  let wake = (): void => undefined;
  input.on("data", (chunk) => {
    letters.push(...String(chunk));
    wake();
  });
  for (const event of ["end", "error", "close"]) {
    input.on(event, () => {
      ended = true;
      wake();
    });
  }
  const begin = (): void => {
    input.setRawMode(true);
    writeSync(fd, markPastes);
  };
  const restore = (): void => {
    writeSync(fd, markNoPastes);
    input.setRawMode(false);
  };
  return {
    begin,
    show: (text) => void writeSync(fd, text),
    async next(signal) {
      while (letters.length === 0 && !ended && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      return signal.aborted ? undefined : letters.shift();
    },
    stop() {
      restore();
      process.kill(0, "SIGTSTP");
      begin();
    },
    async end() {
      // In raw mode still: what is thrown away is not shown either.
      await pause(drainMs, new AbortController().signal);
      if (!ended) restore();
      input.destroy();
    },
  };
}

const keys = {
  interrupt: new Set(["\u0003", "\u001c"]),
  erase: new Set(["\u007f", "\b"]),
  enter: new Set(["\r", "\n", "\u0004"]),
  eraseLine: "\u0015",
  stop: "\u001a",
  escape: "\u001b",
};

async function ask(terminal: Terminal, question: string, signal: AbortSignal): Promise<string> {
  terminal.show(question);
  try {
    return await readAnswer(terminal, question, signal);
  } finally {
    terminal.show("\r\n");
  }
}

async function readAnswer(terminal: Terminal, question: string, signal: AbortSignal): Promise<string> {
  const typed: string[] = [];
  let isPasted = false;
  for (;;) {
    const letter = await terminal.next(signal);
    if (letter === undefined) throw interrupted();
    if (letter === keys.escape) isPasted = pasteState(await sequence(terminal, signal), isPasted);
    else if (isPasted) typed.push(letter === "\r" ? "\n" : letter);
    else if (keys.enter.has(letter)) return typed.join("");
    else if (letter !== keys.stop) edit(typed, letter);
    else {
      terminal.stop();
      terminal.show(question);
    }
  }
}

/** What a key does to a line. */
function edit(typed: string[], letter: string): void {
  if (keys.interrupt.has(letter)) throw interrupted();
  if (letter === keys.eraseLine) typed.length = 0;
  else if (keys.erase.has(letter)) typed.pop();
  else if (letter >= " " || letter === "\t") typed.push(letter);
}

function interrupted(): Failure {
  return new Failure("Interrupted", { message: "interrupted; nothing was changed" });
}

/** What a key such as an arrow sends, without the escape before it: it is no part of a value. */
async function sequence(terminal: Terminal, signal: AbortSignal): Promise<string> {
  const first = await terminal.next(signal);
  if (first !== "[" && first !== "O") return first ?? "";
  let text = first;
  for (;;) {
    const letter = await terminal.next(signal);
    if (letter === undefined) return text;
    text += letter;
    if (/[@-~]/.test(letter)) return text;
  }
}

function pasteState(text: string, before: boolean): boolean {
  if (text === "[200~") return true;
  return text === "[201~" ? false : before;
}

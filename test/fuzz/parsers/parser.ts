/** A parser of texts that strangers wrote. */
export interface Parser {
  readonly name: string;
  /** Texts that it understands, from which others are made. */
  readonly seeds: readonly string[];
  /** Reads a text. May throw `Failure`, or one of `refusals`, and nothing else. */
  readonly read: (text: string) => unknown;
  /** The errors of its own with which it tells its caller that the text is none. */
  readonly refusals?: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
}

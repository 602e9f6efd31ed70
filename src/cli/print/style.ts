import { styleText } from "node:util";
import { ownSequence } from "./screen.ts";

type Paint = (text: string) => string;

/** The colours of this program, by what they mean. */
export interface Style {
  readonly strong: Paint;
  readonly faint: Paint;
  readonly added: Paint;
  readonly removed: Paint;
  readonly changed: Paint;
  readonly hint: Paint;
}

/** When to use colours, as the flag says it. */
export type ColourMode = "auto" | "always" | "never";

function paint(format: Parameters<typeof styleText>[0]): Paint {
  const [start = "", end = ""] = styleText(format, " ", { validateStream: false }).split(" ");
  return (text) => `${ownSequence(start)}${text}${ownSequence(end)}`;
}

const coloured: Style = {
  strong: paint("bold"),
  faint: paint("dim"),
  added: paint("green"),
  removed: paint("red"),
  changed: paint("yellow"),
  hint: paint("cyan"),
};

const same: Paint = (text) => text;

/** The style that leaves every text as it is. */
export const plainStyle: Style = {
  strong: same,
  faint: same,
  added: same,
  removed: same,
  changed: same,
  hint: same,
};

/**
 * The style for an output. `auto` means colours on a terminal that is not `TERM=dumb`, unless NO_COLOR is set and not
 * empty (no-color.org); the flag beats the environment.
 */
export function styleFor(
  mode: ColourMode,
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Style {
  if (mode === "always") return coloured;
  if (mode === "never") return plainStyle;
  const refused = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return isTerminal && !refused ? coloured : plainStyle;
}

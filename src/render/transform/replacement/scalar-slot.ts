import { plainScalar } from "../../value/plain-scalar.ts";
import {
  isFraction,
  isQuoted,
  isUntyped,
  misfitTag,
  noteFraction,
  noteMisfit,
  noteSpelling,
  noteUntyped,
  plainTag,
  type ScalarTag,
  spellingOf,
} from "../../yaml/index.ts";
import { type Slot, setSlot, slotValue } from "../slots.ts";

/** Puts a string into a slot without a tag: its text decides on the type. */
export function writeUntyped(slot: Slot, text: string): void {
  setSlot(slot, plainScalar(text));
  noteSpelling(slot.parent, slot.key, text);
  noteUntyped(slot.parent, slot.key);
}

/**
 * Puts a text into a slot that holds a scalar, which keeps its quotes and its type: a number stays a number, a text a
 * text, a date a date. A text that does not fit may stand there as long as something else takes its place before the object
 * is read again; see `reread`.
 */
export function writeText(slot: Slot, text: string): void {
  const tag = tagOf(slot);
  if (tag === "str") setSlot(slot, text);
  else if (tag === undefined) writeUntyped(slot, text);
  else writeTyped(slot, text, tag);
}

function writeTyped(slot: Slot, text: string, tag: ScalarTag): void {
  const found = plainTag(text);
  if (found !== tag && !(tag === "float" && found === "int")) {
    setSlot(slot, text);
    noteMisfit(slot.parent, slot.key, tag);
    return;
  }
  setSlot(slot, plainScalar(text));
  noteSpelling(slot.parent, slot.key, text);
  if (tag === "float") noteFraction(slot.parent, slot.key);
}

/** The type that a scalar has to YAML; undefined for one without a tag, whose text always decides. */
function tagOf(slot: Slot): ScalarTag | undefined {
  const { parent, key } = slot;
  const value = slotValue(slot);
  if (isQuoted(parent, key)) return "str";
  const misfit = misfitTag(parent, key);
  if (misfit !== undefined) return misfit;
  if (isUntyped(parent, key)) return undefined;
  const spelling = spellingOf(parent, key);
  if (typeof value === "string") return spelling === undefined ? "str" : "timestamp";
  if (isFraction(parent, key)) return "float";
  return plainTag(spelling ?? String(value));
}

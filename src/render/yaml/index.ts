export { copyBlanks, isBlank } from "./blanks.ts";
export { emitYaml } from "./emit.ts";
export { isWrittenPlain } from "./emit-string.ts";
export { formatFloat } from "./go-number.ts";
export {
  copyLooks,
  duplicateKeys,
  inFlow,
  inheritLook,
  isFraction,
  isQuoted,
  isUntyped,
  noteFlow,
  noteFraction,
  notePlain,
  noteQuoted,
  noteSpelling,
  noteUntyped,
  noteUntypedKey,
  quoteUntyped,
  spellingOf,
} from "./looks.ts";
export { newMap } from "./new-map.ts";
export { type Position, parseDocuments, parseSettings, type YamlDocument } from "./parse.ts";
export { isTextKey, plainTag, type ScalarTag } from "./plain-tag.ts";
export { reread, type Unreadable } from "./reread.ts";
export type { YamlMap, YamlValue } from "./value.ts";

export { emitYaml } from "./emit.ts";
export { isWrittenPlain } from "./emit-string.ts";
export { copyEmptyValues, isEmptyValue } from "./empty-values.ts";
export { formatFloat, formatNumber } from "./go-number.ts";
export { newMap } from "./new-map.ts";
export { newNode, type YamlNode } from "./nodes/node.ts";
export { parseNodes } from "./nodes/parse.ts";
export { writeNodes } from "./nodes/write.ts";
export { type Position, parseDocuments, parseSettings, type YamlDocument } from "./parse.ts";
export { isTextKey, plainTag, type ScalarTag } from "./plain-tag.ts";
export { duplicateWithin, reread, type Unreadable } from "./reread.ts";
export {
  copyStyles,
  duplicateKeys,
  inFlow,
  inheritStyle,
  isFraction,
  isQuoted,
  isUntyped,
  misfitTag,
  noteFlow,
  noteFraction,
  noteMisfit,
  notePlain,
  noteQuoted,
  noteSpelling,
  noteUntyped,
  noteUntypedKey,
  quoteWhereNoText,
  spellingOf,
} from "./scalar-style.ts";
export type { YamlMap, YamlValue } from "./value.ts";

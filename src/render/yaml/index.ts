export { emitYaml } from "./emit/emit.ts";
export { formatFloat, formatNumber } from "./emit/go-number.ts";
export { isWrittenPlain } from "./emit/string.ts";
export { newMap } from "./new-map.ts";
export { newNode, type YamlNode } from "./nodes/node.ts";
export { parseNodes } from "./nodes/parse.ts";
export { writeNodes } from "./nodes/write/write.ts";
export { type Position, parseDocuments, parseSettings, type YamlDocument } from "./parse/parse.ts";
export { duplicateWithin, reread, type Unreadable } from "./reread.ts";
export { isTextKey, plainTag, type ScalarTag } from "./resolve/plain-tag.ts";
export { copyEmptyValues, isEmptyValue } from "./style/empty-values.ts";
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
} from "./style/scalar-style.ts";
export type { YamlMap, YamlValue } from "./value.ts";

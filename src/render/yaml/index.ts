export { emitYaml } from "./emit/emit.ts";
export { formatFloat, formatNumber } from "./emit/go-number.ts";
export { isWrittenPlain } from "./emit/string.ts";
export { newMap } from "./new-map.ts";
export { newNode, type YamlNode } from "./nodes/node.ts";
export { parseNodes } from "./nodes/parse.ts";
export { writeNodes } from "./nodes/write/write.ts";
export { parseDocuments, parseSettings, type YamlDocument } from "./parse/parse.ts";
export { duplicateWithin, reread } from "./reread.ts";
export { isTextKey, plainTag, type ScalarTag } from "./resolve/plain-tag.ts";
export { duplicateKeys } from "./style/duplicates.ts";
export { copyEmptyValues, isEmptyValue } from "./style/empty-values.ts";
export { inFlow, noteFlow } from "./style/flow.ts";
export { isQuoted, notePlain, noteQuoted } from "./style/quotes.ts";
export { copyStyles, inheritStyle, quoteWhereNoText } from "./style/scalar-style.ts";
export { noteSpelling, spellingOf } from "./style/spelling.ts";
export {
  isFraction,
  isUntyped,
  misfitTag,
  noteFraction,
  noteMisfit,
  noteUntyped,
  noteUntypedKey,
} from "./style/tags.ts";
export type { YamlValue } from "./value.ts";

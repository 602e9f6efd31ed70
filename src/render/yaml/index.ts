export { copyBlanks, isBlank } from "./blanks.ts";
export { emitYaml } from "./emit.ts";
export { isWrittenPlain } from "./emit-string.ts";
export { copyLooks, inheritLook, isQuoted, isUntyped, noteQuoted, noteUntyped, spellingOf } from "./looks.ts";
export { newMap } from "./new-map.ts";
export { type Position, parseDocuments, parseSettings, type YamlDocument } from "./parse.ts";
export type { YamlMap, YamlValue } from "./value.ts";

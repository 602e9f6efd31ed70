export { isBlank } from "./blanks.ts";
export { emitYaml } from "./emit.ts";
export { newMap } from "./new-map.ts";
export { type Position, parseDocuments, parseSettings, type YamlDocument } from "./parse.ts";
export type { YamlMap, YamlValue } from "./value.ts";

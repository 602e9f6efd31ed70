/** A mapping as read from or written to YAML. Maps that were read have no prototype, so every key is plain data. */
export type YamlMap = { [key: string]: YamlValue };

/**
 * What YAML holds once it has been read as kustomize reads it: JSON, with `bigint` for the integers that a `number`
 * cannot hold exactly (beyond 2^53, up to 64 bits).
 */
export type YamlValue = null | boolean | number | bigint | string | YamlValue[] | YamlMap;

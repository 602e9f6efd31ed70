export { readSopsItems } from "./decryption.ts";
export { type Content, desiredStages, type Opening, openingOf } from "./desired.ts";
export { readVariables, secretVariables } from "./variables.ts";

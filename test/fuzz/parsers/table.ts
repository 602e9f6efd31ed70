import { parsersOfOthers } from "./of-others.ts";
import { parsersOfRepositories } from "./of-repositories.ts";
import type { Parser } from "./parser.ts";

/** Every parser of foreign text. */
export const parsers: readonly Parser[] = [...parsersOfRepositories, ...parsersOfOthers];

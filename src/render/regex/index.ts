export { compileRegex } from "./compile.ts";
export { RegexInvalid } from "./syntax.ts";

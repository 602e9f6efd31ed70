import { Failure, type Problem } from "../../model/failure.ts";
import type { Value } from "../value/value.ts";
import { parseSettings, type YamlDocument } from "../yaml/index.ts";
import type { Decoder, Path } from "./decode.ts";
import { kustomizationShape } from "./fields.ts";
import {
  COMPONENT_VERSION,
  deprecationWarnings,
  KUSTOMIZATION_VERSION,
  type Kustomization,
  modernize,
} from "./kustomization.ts";

/** The names a kustomization may have, in the order in which they are looked for. */
export const kustomizationNames: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** A file that is read, and the kustomizations that led to it. */
export interface FileContext {
  readonly file: string;
  readonly chain: readonly string[];
}

/** A kustomization, what kustomize would warn of, and where in the file its parts stand. */
export interface ReadKustomization {
  readonly kustomization: Kustomization;
  readonly warnings: readonly string[];
  readonly locate: YamlDocument["locate"];
}

/**
 * Reads a kustomization. Throws `Failure` (YamlInvalid, KustomizationInvalid) with all that is wrong with it, each with
 * file, line, column and field. One that names nothing is wrong unless it `mayBeEmpty`.
 */
export function readKustomization(content: Uint8Array, context: FileContext, mayBeEmpty = false): ReadKustomization {
  const document = parseSettings(content, context.file);
  if (document === undefined) throw invalid(context, [{ message: "kustomization.yaml is empty" }]);
  const input = decodeDocument(document, kustomizationShape, context);
  const meaningful = Object.entries(input ?? {}).some(
    ([field, value]) => field !== "kind" && field !== "apiVersion" && value !== "",
  );
  if (input === undefined || (!meaningful && !mayBeEmpty)) {
    throw invalid(context, [{ message: "kustomization.yaml is empty", hint: "give it at least a list of resources" }]);
  }
  const kustomization = modernize(input);
  const problems = typeProblems(kustomization, document);
  if (problems.length > 0) throw invalid(context, problems);
  return { kustomization, warnings: deprecationWarnings(input), locate: document.locate };
}

/**
 * Narrows a document by a decoder. Throws `Failure` (KustomizationInvalid) with every problem found, each with its
 * place. Fields that are not known are problems unless `lenient`.
 */
export function decodeDocument<T>(
  document: Pick<YamlDocument, "value" | "locate">,
  decoder: Decoder<T>,
  context: FileContext & { readonly lenient?: boolean },
): T | undefined {
  const problems: Problem[] = [];
  const report = (path: Path, message: string, hint?: string) => {
    problems.push({
      message,
      ...(path.length > 0 && { field: formatPath(path) }),
      ...document.locate(path),
      ...(hint !== undefined && { hint }),
    });
  };
  const found = decoder(document.value, { path: [], report, strict: context.lenient !== true });
  if (problems.length > 0) throw invalid(context, problems);
  return found;
}

/** Narrows a value that stands in no file of its own; see `decodeDocument`. */
export function decodeValue<T>(value: Value, decoder: Decoder<T>, context: FileContext): T | undefined {
  return decodeDocument({ value, locate: () => ({ line: 1, column: 1 }) }, decoder, { ...context, lenient: true });
}

/** `spec.containers[0].name`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

function typeProblems({ kind, apiVersion }: Kustomization, document: YamlDocument): Problem[] {
  const problems: Problem[] = [];
  if (kind !== "Kustomization" && kind !== "Component") {
    const message = `kind should be Kustomization or Component, not ${kind}`;
    problems.push({ message, field: "kind", ...document.locate(["kind"]) });
  }
  const wanted = kind === "Component" ? COMPONENT_VERSION : KUSTOMIZATION_VERSION;
  if (apiVersion !== wanted) {
    const message = `apiVersion for ${kind} should be ${wanted}, not ${apiVersion}`;
    problems.push({ message, field: "apiVersion", ...document.locate(["apiVersion"]) });
  }
  return problems;
}

function invalid({ file, chain }: FileContext, problems: readonly Problem[]): Failure {
  return new Failure(
    "KustomizationInvalid",
    problems.map((problem) => ({ ...problem, file, chain })),
  );
}

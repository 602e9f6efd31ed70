import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type DocumentFormat, formatDocument } from "../print/documents.ts";

/** The flag of commands that write Secrets or SealedSecrets. */
export const formatFlag = {
  format: {
    type: "string",
    short: "o",
    value: "FORMAT",
    choices: ["json", "yaml"],
    summary: "Output format; defaults to the file name's, else json",
  },
} as const;

/** The format asked for, or the one that the name of the file to write says, or JSON, as kubeseal has it. */
export function outputFormat(asked: DocumentFormat | undefined, file: string | undefined): DocumentFormat {
  const named = file === undefined ? undefined : /\.ya?ml$/.test(file) ? "yaml" : undefined;
  if (named !== undefined && asked !== undefined && named !== asked) {
    const message = `${asked} was requested, but the name of ${file} means ${named}`;
    throw new Failure("UsageInvalid", { message, hint: "omit --format, or rename the file" });
  }
  return named ?? asked ?? "json";
}

/** Objects one after another: YAML documents, each begun by `---`, or JSON objects. */
export async function formatObjects(objects: readonly KubeObject[], format: DocumentFormat): Promise<string> {
  const texts: string[] = [];
  for (const object of objects) texts.push((format === "yaml" ? "---\n" : "") + (await formatDocument(object, format)));
  return texts.join("");
}

/** The SealedSecret among objects, where there must be exactly one. */
export function only<T>(found: readonly T[], file: string): T {
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  const message =
    first === undefined ? "contains no SealedSecret" : "contains several SealedSecrets; only one is allowed here";
  throw new Failure("UsageInvalid", { file, message });
}

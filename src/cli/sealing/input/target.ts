import { Failure } from "../../../model/failure.ts";
import { type SealedDocument, sealedDocuments } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { readRegular } from "../files/files.ts";
import { only } from "../output.ts";

/** A SealedSecret in a file that a command changes. */
export interface SealingTarget {
  readonly text: string;
  readonly document: SealedDocument;
}

/** The SealedSecret of a file; `name` tells which where there are several. Throws `Failure` (UsageInvalid). */
export async function readTarget(
  context: Pick<Context, "cwd" | "stdin">,
  file: string,
  name: string | undefined,
): Promise<SealingTarget> {
  const text = await readRegular(context, file);
  const all = sealedDocuments(text, file);
  const documents = all.filter(({ object }) => name === undefined || object.metadata.name === name);
  if (name !== undefined && documents.length === 0 && all.length > 0) {
    const names = all.map(({ object }) => object.metadata.name).join(", ");
    const hint = "a sealed value is bound to its name: use another file for another name";
    throw new Failure("UsageInvalid", { file, message: `contains no SealedSecret ${name}; there is ${names}`, hint });
  }
  return { text, document: only(documents, file) };
}

/** The namespace of the command line must be that of the file. Throws `Failure` (UsageInvalid). */
export function refuseOtherNamespace(
  { global }: Pick<Context, "global">,
  { object, line }: Pick<SealedDocument, "object" | "line">,
  file: string,
): void {
  const { namespace = "" } = object.metadata;
  if (global.namespace === undefined || global.namespace === namespace) return;
  const there = namespace === "" ? "has no namespace" : `is in the namespace ${namespace}`;
  const hint = "omit --namespace, or use another file for another namespace";
  throw new Failure("UsageInvalid", { file, line, message: `${there}, not in ${global.namespace}`, hint });
}

/** The items of a SealedSecret, which must include all that are named. Throws `Failure` (UsageInvalid), with what there is. */
export function requireItems({ document }: SealingTarget, file: string, names: readonly string[]): void {
  const there = [...document.itemLines.keys()];
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  const hint = there.length === 0 ? "there is none at all" : `there are ${there.join(", ")}`;
  throw new Failure(
    "UsageInvalid",
    missing.map((name) => ({ file, line: document.line, message: `has no key ${name}`, hint })),
  );
}

/** A name that a Secret's item may have. Throws `Failure` (UsageInvalid). */
export function requireItemName(name: string): void {
  const message = wrongItemName(name);
  if (message !== undefined) throw new Failure("UsageInvalid", { message });
}

/** What keeps a name from being that of a Secret's item. */
export function wrongItemName(name: string): string | undefined {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(name)) return undefined;
  return `"${name}" cannot be an item: letters, digits, -, _ and . can`;
}

/** The flag that tells SealedSecrets of one file apart. */
export const nameFlag = {
  name: {
    type: "string",
    value: "NAME",
    names: "object",
    summary: "SealedSecret to change, if the file has several",
  },
} as const;

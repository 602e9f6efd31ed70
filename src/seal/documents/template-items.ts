import { Failure, type Problem } from "../../model/failure.ts";
import { referencedKeys } from "../../template/index.ts";
import { memberPath, readSealedSecret } from "../sealed-secret/sealed-secret.ts";
import type { SealedDocument } from "./sealed-documents.ts";

/**
 * Refuses to remove items that a template of the SealedSecret uses: a missing one is no error in a Go template, and the Secret
 * would hold `<no value>`. Throws `Failure` (SealInvalid) with the field of each such template.
 */
export function refuseReferencedItems(document: SealedDocument, names: readonly string[]): void {
  const { file, line, object } = document;
  const problems = templatesOf(document).flatMap(({ field, source }): readonly Problem[] => {
    const keys = referencedKeys(source);
    return names.filter(keys.mayReference).map((name) => ({
      file,
      line,
      object: `SealedSecret/${object.metadata.name}`,
      field,
      message: `uses the item ${name}; nothing was changed`,
      hint: "change the template first, then the item",
    }));
  });
  if (problems.length > 0) throw new Failure("SealInvalid", problems);
}

/** The items that the templates of a SealedSecret need and that are missing, each with the template's field. */
export function missingItems(document: SealedDocument, items: Readonly<Record<string, unknown>>): readonly Problem[] {
  return templatesOf(document).flatMap(({ field, source }) =>
    [...referencedKeys(source).required]
      .filter((name) => !Object.hasOwn(items, name))
      .map((name) => ({
        field,
        message: `uses the item ${name}, which is missing`,
        hint: "was it renamed or removed? Correct the name, or seal it with `mooring secrets set`",
      })),
  );
}

function templatesOf({ object }: SealedDocument): readonly { readonly field: string; readonly source: string }[] {
  const sealed = readSealedSecret(object);
  const templates = "items" in sealed ? Object.entries(sealed.template.data) : [];
  return templates.map(([name, source]) => ({ field: memberPath("spec.template.data", name), source }));
}

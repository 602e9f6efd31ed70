import { stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import {
  changeItems,
  describeLabel,
  type Edit,
  readWellFormed,
  type SealingCertificate,
  sealedDocuments,
  sealValues,
  valuesOf,
} from "../../seal/index.ts";
import type { Context } from "../command/command.ts";
import { formatWarning } from "../print/failure.ts";
import { readRegular } from "./files/files.ts";
import { writeNamed } from "./files/write-file.ts";
import { only } from "./output.ts";

/** What to put into which file. */
export interface Merge {
  readonly target: string;
  readonly secrets: readonly KubeObject[];
  readonly certificate: SealingCertificate;
}

/**
 * Seals the values of Secrets into a SealedSecret that is there, for its own name, namespace, scope and algorithm, and
 * takes over their labels and annotations, as kubeseal's `--merge-into`; the rest of the file stays byte for byte. Warns of
 * a Secret that is called otherwise.
 */
export async function mergeInto(context: Context, { target, secrets, certificate }: Merge): Promise<void> {
  let text = await readRegular(context, target);
  for (const secret of secrets) {
    const document = only(sealedDocuments(text, target), target);
    const { label, algorithm, place } = readWellFormed(document, target);
    const set = await sealValues(valuesOf(secret), { label, certificate, algorithm });
    const { name = place.name, namespace = place.namespace } = secret.metadata;
    if (name !== place.name || namespace !== place.namespace) {
      const given = [namespace, name].filter((part) => part !== "").join("/");
      const message = `the Secret ${given} is sealed for ${describeLabel(label)}, as in the file`;
      context.stderr.write(formatWarning({ file: target, message }, context.stderr.style));
    }
    text = changeItems(text, document, { set, also: metadataEdits(secret) });
  }
  await writeNamed(context, target, text);
}

function metadataEdits(secret: KubeObject): readonly Edit[] {
  return (["labels", "annotations"] as const).flatMap((field) =>
    Object.keys(secret.metadata[field] ?? {}).flatMap((name): readonly Edit[] => {
      const value = stringAt(secret, "metadata", field, name);
      const copied = name.endsWith("/last-applied-configuration");
      const path = ["spec", "template", "metadata", field, name];
      return value === undefined || copied ? [] : [{ type: "set", path, value }];
    }),
  );
}

import { Failure } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import { isSealedSecret, parseManifests } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { readInput } from "../files/files.ts";
import { refuseOtherNamespace } from "./target.ts";

/** The flag that names a file with SealedSecrets, as kubeseal's. */
export const sealedInputFlags = {
  "sealed-secret-file": {
    type: "string",
    short: "f",
    value: "FILE",
    summary: "File with the SealedSecrets; defaults to standard input",
  },
} as const;

type Flags = { readonly "sealed-secret-file": string | undefined };

/**
 * The SealedSecrets of the file or of standard input, of which there must be one, and nothing else; where a namespace was
 * named, all must be in it. Throws `Failure` (UsageInvalid).
 */
export async function readSealed(context: Context & { readonly flags: Flags }): Promise<readonly KubeObject[]> {
  const { "sealed-secret-file": named } = context.flags;
  const file = named ?? "standard input";
  const objects = parseManifests(await readInput(context, named, "a SealedSecret in YAML or JSON"), file);
  if (objects.length === 0) throw new Failure("UsageInvalid", { file, message: "contains no SealedSecret" });
  const others = objects.filter(({ object }) => !isSealedSecret(object));
  if (others.length > 0) {
    throw new Failure(
      "UsageInvalid",
      others.map(({ object, line }) => ({ file, line, message: `is a ${object.kind}, not a SealedSecret` })),
    );
  }
  for (const each of objects) refuseOtherNamespace(context, each, file);
  return objects.map(({ object }) => object);
}

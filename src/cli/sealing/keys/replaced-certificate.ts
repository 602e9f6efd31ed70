import { resolve } from "node:path";
import { Failure } from "../../../model/failure.ts";
import { readItems, type SealingCertificate } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { formatWarning } from "../../print/failure.ts";
import { readSealedFiles } from "../files/sealed-files.ts";
import { manifestFiles } from "../files/walk.ts";

/** A certificate that stands in the repository, where whoever may push may put another one in its place. */
export interface KeptCertificate {
  /** Its path, as people write it. */
  readonly path: string;
  /** What it is there for: everything below this folder. */
  readonly folder: string;
  readonly certificate: SealingCertificate;
}

/**
 * Compares a certificate with what is on record of the values that it is there for: with which key they were sealed. Throws
 * `Failure` (CertificateInvalid) where values of the very file were sealed with another key, which is so after a renewal, and
 * after somebody has replaced the certificate to read what is sealed from then on. Warns where values of other files were.
 */
export async function refuseReplaced(
  context: Pick<Context, "cwd" | "stderr">,
  { path, folder, certificate }: KeptCertificate,
  file: string,
): Promise<void> {
  const target = resolve(context.cwd, file);
  const { sealed } = readSealedFiles(await manifestFiles(context, [folder]));
  const known = sealed.flatMap(({ path: found, documents }) =>
    documents
      .flatMap(readItems)
      .flatMap(({ key }) => (key === undefined ? [] : [{ own: resolve(context.cwd, found) === target, found, key }])),
  );
  const others = known.filter(({ key }) => key !== certificate.id);
  const [first] = others;
  if (first === undefined) return;
  const ofFile = others.find(({ own }) => own);
  const message = `${path} holds the key ${certificate.id}, and ${(ofFile ?? first).found} was sealed with ${(ofFile ?? first).key}: was the key renewed, or did someone replace the certificate?`;
  if (ofFile === undefined) {
    context.stderr.write(formatWarning({ message }, context.stderr.style));
    return;
  }
  throw new Failure("CertificateInvalid", {
    file: path,
    message,
    hint: "compare it with the cluster's (mooring cert); then use --new-certificate, or reseal everything with mooring secrets reseal",
  });
}

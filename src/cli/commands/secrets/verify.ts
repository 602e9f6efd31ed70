import { dirname } from "node:path";
import {
  type Expected,
  readCertificates,
  type SealedDocument,
  sealedDocuments,
  type VerifyFinding,
  verifyDocument,
} from "../../../seal/index.ts";
import { type Context, defineCommand } from "../../command.ts";
import { formatError, formatWarning } from "../../print/failure.ts";
import { readNamed } from "../../sealing/files.ts";
import { type Found, filesNamed, manifestFiles } from "../../sealing/walk.ts";

/** `mooring secrets verify`. */
export const verify = defineCommand({
  description:
    "Checks SealedSecrets without a cluster and without any private key: wrong namespace, renamed, wrong scope, swapped, cut off, sealed with a stale or foreign certificate. The certificate is the seal.pem in the folder of a file or in the nearest one above. Exits with 1 when there is an error; what cannot be known is a warning.",
  arguments: { path: { summary: "Files and folders; without any the current folder", many: true, optional: true } },
  flags: {
    cert: {
      type: "string",
      value: "FILE",
      summary: "What everything must be sealed with, instead of the seal.pem files",
    },
  },
  examples: [
    { text: "In CI", line: "mooring secrets verify" },
    {
      text: "Against one cluster's certificate",
      line: "mooring secrets verify --cert overlays/production/seal.pem overlays/production",
    },
  ],
  async run(context) {
    const paths = context.arguments.path.length === 0 ? ["."] : context.arguments.path;
    const certificates = await certificateFiles(context, context.flags.cert);
    const findings: VerifyFinding[] = [];
    let values = 0;
    for (const file of await manifestFiles(context, paths)) {
      const documents: readonly SealedDocument[] = sealedDocuments(file.text);
      const expected = expectedFor(file.path, certificates);
      for (const document of documents) {
        values += document.itemLines.size;
        findings.push(...verifyDocument(document, file.path, expected));
      }
    }
    return report(context, findings, values);
  },
});

interface Certificates {
  /** For every file, whatever its folder. */
  readonly forAll: Found | undefined;
  readonly kept: readonly Found[];
}

async function certificateFiles(context: Context, named: string | undefined): Promise<Certificates> {
  const forAll = named === undefined ? undefined : { path: named, text: (await readNamed(context, named)).toString() };
  return { forAll, kept: await filesNamed(context, ["."], (name) => name === "seal.pem") };
}

function expectedFor(path: string, { forAll, kept }: Certificates): Expected {
  const above = kept.filter((file) => isAbove(dirname(file.path), path)).sort((a, b) => b.path.length - a.path.length);
  const own = forAll ?? above[0];
  const others = kept
    .filter((file) => file.path !== own?.path)
    .flatMap((file) => readCertificates(file.text).map(({ id }) => [id, file.path] as const));
  return {
    certificates: own === undefined ? [] : readCertificates(own.text),
    source: own?.path ?? "",
    others: new Map(others),
  };
}

function isAbove(folder: string, path: string): boolean {
  return folder === "." || path.startsWith(`${folder}/`);
}

function report({ stdout, stderr }: Context, findings: readonly VerifyFinding[], values: number): number {
  for (const { severity, problem } of findings) {
    stderr.write(severity === "error" ? formatError(problem, stderr.style) : formatWarning(problem, stderr.style));
  }
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const sum = `${count(values, "sealed value")}: ${count(errors, "error")}, ${count(findings.length - errors, "warning")}`;
  stdout.write(`${sum}\n`);
  return errors === 0 ? 0 : 1;
}

import { dirname, join } from "node:path";
import { Failure } from "../../../model/failure.ts";
import { objectAt } from "../../../model/json/json.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import {
  type Expected,
  readCertificates,
  readSealedText,
  type SealedDocument,
  type VerifyFinding,
  verifyDocument,
} from "../../../seal/index.ts";
import { asksNoCluster, type Context, defineCommand } from "../../command/command.ts";
import { formatError, formatWarning } from "../../print/failure.ts";
import { readNamed } from "../../sealing/files/files.ts";
import { readSealedFiles } from "../../sealing/files/sealed-files.ts";
import { type Found, filesNamed, manifestFiles } from "../../sealing/files/walk.ts";
import { type RenderedOverlay, renderOverlays } from "../../sealing/rendered.ts";

/** `mooring secrets verify`. */
export const verify = defineCommand({
  description:
    "Finds mistakes in SealedSecrets without a cluster or a private key: a wrong namespace, name or scope, values that are swapped or truncated, and values sealed with an outdated or foreign certificate. The certificate is the nearest seal.pem in the file's folder or above. Every overlay is rendered, and the resulting namespaces and names are checked, including what an Environment in one of the files adds. The exit code is 1 if there is an error or nothing to check; what cannot be determined is a warning.",
  arguments: { path: { summary: "Files and folders; defaults to the current folder", many: true, optional: true } },
  flags: {
    cert: {
      type: "string",
      value: "FILE",
      summary: "Certificate that all values must be sealed with, instead of the seal.pem files",
    },
  },
  unheeded: { ...asksNoCluster, namespace: "name the files or folders to check" },
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
    const files = await manifestFiles(context, paths);
    const overlays = await renderOverlays(context, paths, files);
    const judged = await judgeRendered(context, overlays, certificates);
    const findings = [...judged.findings];
    const documents = new Map(judged.documents);
    const { sealed, problems } = readSealedFiles(files);
    findings.push(...problems.map((problem): VerifyFinding => ({ severity: "error", problem })));
    for (const file of sealed) {
      for (const document of file.documents) {
        const place = placeOf(file.path, document);
        if (documents.has(place)) continue;
        documents.set(place, document);
        findings.push(...verifyDocument(document, file.path, expectedFor(file.path, certificates)));
      }
    }
    if (documents.size === 0 && problems.length === 0) throw nothingFound(paths);
    const values = [...documents.values()].reduce((sum, { itemLines }) => sum + itemLines.size, 0);
    return report(context, findings, values);
  },
});

const placeOf = (file: string, { documentLine, member }: SealedDocument): string =>
  `${file}:${documentLine}:${member ?? ""}`;

function nothingFound(paths: readonly string[]): Failure {
  const hint = "give the folders that contain them; finding nothing to check counts as a failure";
  return new Failure("NotFound", { message: `there is no SealedSecret in ${paths.join(", ")}`, hint });
}

interface Judged {
  readonly findings: readonly VerifyFinding[];
  /** The documents in files that an overlay renders, by file and line: by themselves they are not judged. */
  readonly documents: ReadonlyMap<string, SealedDocument>;
}

/** Judges what overlays render: namespace and name may be others than those in the file, and so may be the certificate. */
async function judgeRendered(
  context: Context,
  overlays: readonly RenderedOverlay[],
  certificates: Certificates,
): Promise<Judged> {
  const findings: VerifyFinding[] = [];
  const documents = new Map<string, SealedDocument>();
  for (const { name, folder, sealed, problem, isWhole } of overlays) {
    if (problem !== undefined) {
      const message = `${name} cannot be rendered, so its files were not checked as rendered: ${problem.message}`;
      findings.push({ severity: isWhole ? "error" : "warning", problem: { ...problem, message } });
    }
    for (const { object, origin } of sealed) {
      const { file, line } = origin;
      const inFile = cameOf(object, readSealedText((await readNamed(context, file)).toString(), file).documents, line);
      const nowhere = {
        file,
        index: 0,
        line: line ?? 1,
        documentLine: line ?? 1,
        itemLines: new Map<string, number>(),
      };
      const document = { ...nowhere, ...inFile, object };
      documents.set(placeOf(file, document), document);
      const near = expectedFor(join(folder, "kustomization.yaml"), certificates);
      const expected = near.source === "" ? expectedFor(file, certificates) : near;
      const isMoved = inFile === undefined || !isSamePlace(inFile.object, object);
      const found = verifyDocument(document, file, expected);
      findings.push(...found.map((finding) => (isMoved ? renderedBy(finding, name) : finding)));
    }
  }
  return { findings: distinct(findings), documents };
}

/** The document of a file that an object came of. All members of a list have the line of the list: they differ in what they seal. */
function cameOf(
  object: KubeObject,
  documents: readonly SealedDocument[],
  line: number | undefined,
): SealedDocument | undefined {
  const there = documents.filter(({ documentLine }) => documentLine === (line ?? 1));
  if (there.length < 2) return there[0];
  const values = JSON.stringify(objectAt(object, "spec", "encryptedData"));
  return there.find((each) => JSON.stringify(objectAt(each.object, "spec", "encryptedData")) === values);
}

function isSamePlace(one: KubeObject, other: KubeObject): boolean {
  const { name, namespace = "" } = one.metadata;
  return name === other.metadata.name && namespace === (other.metadata.namespace ?? "");
}

function renderedBy({ severity, problem }: VerifyFinding, overlay: string): VerifyFinding {
  return { severity, problem: { ...problem, message: `as ${overlay} renders it, it ${problem.message}` } };
}

/** Several overlays may render the same file as it is. */
function distinct(findings: readonly VerifyFinding[]): readonly VerifyFinding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

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
  stdout.line(sum);
  return errors === 0 ? 0 : 1;
}

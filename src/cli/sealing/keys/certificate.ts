import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { undefinedIfAbsent } from "../../../model/absent.ts";
import { Failure } from "../../../model/failure.ts";
import { type SealingCertificate, usableCertificate } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { refuseClusterFlags } from "../exclusive.ts";
import { isRegularFile, readNamed, refuseSpecial } from "../files/files.ts";
import { clusterCertificate, controllerFlags } from "./keys.ts";
import { refuseReplaced } from "./replaced-certificate.ts";

/** The flags that say what to seal with. */
export const certificateFlags = {
  cert: {
    type: "string",
    value: "FILE|URL",
    summary: "Certificate to use instead of the nearest seal.pem or the cluster's newest",
  },
  "new-certificate": {
    type: "boolean",
    summary: "Use the repository's certificate even if existing values were sealed with another key",
  },
  ...controllerFlags,
} as const;

type Flags = { readonly cert: string | undefined; readonly "controller-namespace": string | undefined };

/**
 * What to seal a file's values with: the certificate that `--cert` names, or kubeseal's own variable SEALED_SECRETS_CERT,
 * which counts as that; else the nearest `seal.pem` of the file, where there is a file; else the cluster's newest. Throws
 * `Failure` as `refuseReplaced` does for one that stands in the repository; and (UsageInvalid) for flags without effect: those
 * that say which cluster to ask where none is, and `--new-certificate` where nothing is compared.
 */
export async function certificateFor(
  context: Context,
  flags: Flags & { readonly "new-certificate": boolean },
  file: string | undefined,
): Promise<SealingCertificate> {
  const named = namedCertificate(context, flags.cert);
  const kept = named === undefined && file !== undefined ? await findKept(context, file) : undefined;
  const source = kept?.path ?? named?.source;
  if (source !== undefined) refuseClusterFlags(context, `${source} gives the certificate`);
  const certificate = usableCertificate(kept?.text ?? (await certificateText(context, flags)), context.now());
  const place = kept ?? (await placeOfNamed(context, named, file));
  if (flags["new-certificate"] && place === undefined) {
    const message = "--new-certificate has no effect: there is no existing file to compare with";
    throw new Failure("UsageInvalid", { message, hint: "leave it out" });
  }
  if (!flags["new-certificate"] && place !== undefined && file !== undefined) {
    await refuseReplaced(context, { path: place.path, folder: place.folder, certificate }, file);
  }
  return certificate;
}

/** A certificate that was named is compared with the file it is for, where that is there. */
async function placeOfNamed(context: Pick<Context, "cwd">, named: Named | undefined, file: string | undefined) {
  if (named === undefined || file === undefined || !(await isRegularFile(context, file))) return undefined;
  return { path: named.certificate, folder: file };
}

/** A certificate that somebody names, and by what. */
interface Named {
  readonly source: "--cert" | "SEALED_SECRETS_CERT";
  readonly certificate: string;
}

/** The certificate that a flag names, or the variable that stands for it; undefined where none does. */
export function namedCertificate({ env }: Pick<Context, "env">, cert: string | undefined): Named | undefined {
  if (cert !== undefined) return { source: "--cert", certificate: cert };
  const { SEALED_SECRETS_CERT: certificate = "" } = env;
  return certificate === "" ? undefined : { source: "SEALED_SECRETS_CERT", certificate };
}

/** Its text, whether it may still seal or not. */
export async function certificateText(context: Context, flags: Flags): Promise<string> {
  const named = namedCertificate(context, flags.cert)?.certificate;
  if (named === undefined) return clusterCertificate(context, flags);
  return /^https?:\/\//.test(named)
    ? download(named, context.signal)
    : (await readNamed(context, pathOf(named))).toString();
}

/** A certificate that is kept in the repository. */
export interface Kept {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

/**
 * The certificate kept in the repository for a file: the nearest `seal.pem` in the file's folder or above it, as far as
 * the folder the command runs in. Undefined where there is none.
 */
export async function findKept(context: Pick<Context, "cwd">, file: string): Promise<Kept | undefined> {
  const top = resolve(context.cwd);
  for (let folder = dirname(resolve(context.cwd, file)); ; folder = dirname(folder)) {
    const path = join(folder, "seal.pem");
    await refuseSpecial(context, path);
    const text = await readFile(path, "utf8").catch(undefinedIfAbsent);
    if (text !== undefined) return { path: relative(context.cwd, path), folder, text };
    if (folder === top || !folder.startsWith(top)) return undefined;
  }
}

function pathOf(named: string): string {
  return named.startsWith("file://") ? new URL(named).pathname : named;
}

async function download(text: string, signal: AbortSignal): Promise<string> {
  if (!URL.canParse(text)) throw new Failure("CertificateInvalid", { message: "--cert is not a valid URL" });
  const url = new URL(text);
  // Without user and password.
  const address = url.origin + url.pathname;
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]) });
    // Whoever stands in between could put his own in its place.
    if (url.protocol === "https:" && new URL(response.url).protocol !== "https:") {
      throw new Failure("CertificateInvalid", { message: `${address} redirects to an address that is not HTTPS` });
    }
    if (response.ok) return await shortText(response, address);
    throw new Failure("CertificateInvalid", { message: `${address} answered ${response.status}` });
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("CertificateInvalid", { message: `${address} cannot be reached` }, { cause });
  }
}

/** A certificate and a few of its issuers: no more than this is one. */
const longestBytes = 1024 ** 2;

async function shortText({ body }: Response, address: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    size += part.length;
    if (size > longestBytes) {
      throw new Failure("CertificateInvalid", {
        message: `${address} returned more than 1 MiB, which is not a certificate`,
      });
    }
  }
  return Buffer.concat(parts).toString();
}

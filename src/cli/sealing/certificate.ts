import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { undefinedIfAbsent } from "../../model/absent.ts";
import { Failure } from "../../model/failure.ts";
import { type SealingCertificate, usableCertificate } from "../../seal/index.ts";
import type { Context } from "../command.ts";
import { readNamed } from "./files.ts";
import { clusterCertificate, controllerFlags } from "./keys.ts";

/** The flags that say what to seal with. */
export const certificateFlags = {
  cert: {
    type: "string",
    value: "FILE|URL",
    summary: "Certificate to seal with, instead of the nearest seal.pem or the cluster's newest",
  },
  ...controllerFlags,
} as const;

type Flags = { readonly cert: string | undefined; readonly "controller-namespace": string | undefined };

/**
 * What to seal a file's values with: the certificate that `--cert` names; else the nearest `seal.pem` of the file, where
 * there is a file; else the one that kubeseal's own variable SEALED_SECRETS_CERT names; else the cluster's newest.
 */
export async function certificateFor(
  context: Context,
  flags: Flags,
  file: string | undefined,
): Promise<SealingCertificate> {
  const kept = flags.cert === undefined && file !== undefined ? await keptCertificate(context, file) : undefined;
  return usableCertificate(kept ?? (await certificateText(context, flags)), context.now());
}

/** Its text, whether it may still seal or not. */
export async function certificateText(context: Context, flags: Flags): Promise<string> {
  const named = flags.cert ?? context.env.SEALED_SECRETS_CERT;
  if (named === undefined || named === "") return clusterCertificate(context, flags);
  return /^https?:\/\//.test(named)
    ? download(named, context.signal)
    : (await readNamed(context, pathOf(named))).toString();
}

/**
 * The certificate kept in the repository for a file: the nearest `seal.pem` in the file's folder or above it, as far as
 * the folder the command runs in. Undefined where there is none.
 */
export async function keptCertificate(context: Pick<Context, "cwd">, file: string): Promise<string | undefined> {
  const top = resolve(context.cwd);
  for (let folder = dirname(resolve(context.cwd, file)); ; folder = dirname(folder)) {
    const text = await readFile(join(folder, "seal.pem"), "utf8").catch(undefinedIfAbsent);
    if (text !== undefined) return text;
    if (folder === top || !folder.startsWith(top)) return undefined;
  }
}

function pathOf(named: string): string {
  return named.startsWith("file://") ? new URL(named).pathname : named;
}

async function download(text: string, signal: AbortSignal): Promise<string> {
  if (!URL.canParse(text)) throw new Failure("CertificateInvalid", { message: "what --cert names is not a URL" });
  const url = new URL(text);
  // Without user and password.
  const address = url.origin + url.pathname;
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]) });
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
        message: `${address} answers with more than 1 MiB, which is no certificate`,
      });
    }
  }
  return Buffer.concat(parts).toString();
}

import { Failure } from "../../../model/failure.ts";
import { type OpeningKeys, opensAll, type SealingCertificate, usableCertificate } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { refuseClusterFlags } from "../exclusive.ts";
import { certificateText, findKept, type Kept, namedCertificate } from "./certificate.ts";

/** The flag that takes a `seal.pem` for what it is. */
export const newCertificateFlag = {
  "new-certificate": {
    type: "boolean",
    summary: "Use the repository's seal.pem even if it belongs to none of the available keys",
  },
} as const;

/** What a command that seals anew was told. */
export interface ResealFlags {
  readonly cert: string | undefined;
  readonly "controller-namespace": string | undefined;
  readonly "new-certificate": boolean;
}

/** What to seal files anew with. */
export interface ResealCertificates {
  /**
   * The certificate for a file: the one that was named; else the nearest `seal.pem`, which must belong to a key that opens
   * here unless `--new-certificate` is given; else the cluster's, which is asked for once. Throws `Failure` (CertificateInvalid).
   */
  of(file: string | undefined): Promise<SealingCertificate>;
  /** Refuses what had no effect: `--new-certificate`, and what says which cluster to ask, where none `wasAsked` for keys either. */
  refuseIdleFlags(wasAsked: boolean): void;
}

/** See `ResealCertificates`. `keys` are those that open what is to be sealed anew. */
export function resealCertificates(context: Context, flags: ResealFlags, keys: OpeningKeys): ResealCertificates {
  const named = namedCertificate(context, flags.cert);
  let shared: Promise<string> | undefined;
  let compared = false;
  const of = async (file: string | undefined): Promise<SealingCertificate> => {
    const kept = named === undefined && file !== undefined ? await findKept(context, file) : undefined;
    if (kept === undefined) {
      shared ??= certificateText(context, flags);
      return usableCertificate(await shared, context.now());
    }
    compared = true;
    const certificate = usableCertificate(kept.text, context.now());
    if (!flags["new-certificate"] && !(await opensAll(keys, certificate))) throw foreign(kept, certificate);
    return certificate;
  };
  const refuseIdleFlags = (wasAsked: boolean): void => {
    if (flags["new-certificate"] && !compared) {
      const message = "--new-certificate has no effect: no seal.pem is compared with the keys";
      throw new Failure("UsageInvalid", { message, hint: "leave it out" });
    }
    if (wasAsked || (shared !== undefined && named === undefined)) return;
    refuseClusterFlags(context, "keys and certificate are given, so no cluster is contacted");
  };
  return { of, refuseIdleFlags };
}

/** Whoever may push may put another certificate there, and read what is sealed with it from then on. */
function foreign({ path }: Kept, { id }: SealingCertificate): Failure {
  return new Failure("CertificateInvalid", {
    file: path,
    message: `holds the key ${id}, or another one, that belongs to none of the available keys: did someone replace it?`,
    hint: "compare it with the cluster's (mooring cert); if it is intended, use --new-certificate",
  });
}

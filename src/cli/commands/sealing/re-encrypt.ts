import { Failure } from "../../../model/failure.ts";
import { resealDocument, sealedDocuments, UnsealCache } from "../../../seal/index.ts";
import { defineCommand } from "../../command/command.ts";
import { readInput } from "../../sealing/files/files.ts";
import { deliver } from "../../sealing/files/write-file.ts";
import { refuseOtherNamespace } from "../../sealing/input/target.ts";
import { certificateFlags } from "../../sealing/keys/certificate.ts";
import { keysToOpen, privateKeyFlags } from "../../sealing/keys/keys.ts";
import { newCertificateFlag, resealCertificates } from "../../sealing/keys/reseal-certificate.ts";

/** `mooring re-encrypt`. */
export const reEncrypt = defineCommand({
  description:
    "Reseals the values of one file with the newest key, as kubeseal --re-encrypt does, but without sending them to the cluster. Only values sealed with an older key change; every other byte stays as it is. `mooring secrets reseal` does this for a whole repository.",
  arguments: {},
  flags: {
    ...privateKeyFlags,
    ...certificateFlags,
    ...newCertificateFlag,
    "sealed-secret-file": {
      type: "string",
      short: "w",
      value: "FILE",
      summary: "Output file; defaults to the input file, or standard output",
    },
    "secret-file": {
      type: "string",
      short: "f",
      value: "FILE",
      summary: "File with the SealedSecret; defaults to standard input",
    },
  },
  examples: [{ text: "In place", line: "mooring re-encrypt -f sealed.yaml" }],
  async run(context) {
    const { "secret-file": file, "sealed-secret-file": destination = file } = context.flags;
    const asksForKeys = context.flags["recovery-private-key"].length === 0;
    const read = () => readInput(context, file, "a SealedSecret in YAML or JSON");
    const named = file === undefined ? undefined : await read();
    // All that can be refused is refused before anybody types a SealedSecret.
    const keys = await keysToOpen(context, context.flags);
    const certificates = resealCertificates(context, context.flags, keys);
    const certificate = await certificates.of(destination);
    certificates.refuseIdleFlags(asksForKeys);
    let text = named ?? (await read());
    const from = file ?? "standard input";
    const documents = sealedDocuments(text, from);
    if (documents.length === 0) throw new Failure("UsageInvalid", { file: from, message: "contains no SealedSecret" });
    for (const document of documents) refuseOtherNamespace(context, document, from);
    const cache = new UnsealCache();
    for (const document of documents) {
      text = (await resealDocument(text, document, { keys, certificate, cache, file: from })).text;
    }
    await deliver(context, destination, text);
    return 0;
  },
});

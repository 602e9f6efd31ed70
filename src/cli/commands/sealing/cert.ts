import { defineCommand } from "../../command/command.ts";
import { deliver } from "../../sealing/files/write-file.ts";
import { clusterCertificate, controllerFlags } from "../../sealing/keys/keys.ts";

/** `mooring cert`. */
export const cert = defineCommand({
  description:
    "Prints the cluster's newest certificate, followed by the X25519 key for `--algorithm x25519`. Both are public. Saved as overlays/<environment>/seal.pem, they let you seal without access to the cluster.",
  arguments: {},
  flags: {
    ...controllerFlags,
    output: { type: "string", short: "w", value: "FILE", summary: "Output file; defaults to standard output" },
  },
  unheeded: { namespace: "name the namespace of the keys with --controller-namespace" },
  examples: [{ text: "Save it in the repository", line: "mooring cert -w overlays/production/seal.pem" }],
  async run(context) {
    await deliver(context, context.flags.output, await clusterCertificate(context, context.flags));
    return 0;
  },
});

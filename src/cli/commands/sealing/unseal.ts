import { UnsealCache, unsealObject } from "../../../seal/index.ts";
import { defineCommand } from "../../command/command.ts";
import { deliver } from "../../sealing/files/write-file.ts";
import { readSealed, sealedInputFlags } from "../../sealing/input/sealed-input.ts";
import { controllerFlags, idleWithKeysAtHand, keysToOpen, privateKeyFlags } from "../../sealing/keys/keys.ts";
import { formatFlag, formatObjects, outputFormat } from "../../sealing/output.ts";

/** `mooring unseal`. */
export const unseal = defineCommand({
  description:
    "Reads SealedSecrets and writes the Secrets in plain text. Meant for disaster recovery, with private keys from a backup, or with the cluster's keys if you may read them.",
  arguments: {},
  flags: {
    ...privateKeyFlags,
    ...controllerFlags,
    ...sealedInputFlags,
    "secret-file": { type: "string", short: "w", value: "FILE", summary: "Output file; defaults to standard output" },
    ...formatFlag,
  },
  idle: [idleWithKeysAtHand],
  examples: [
    {
      text: "From a backup of the keys, without a cluster",
      line: "mooring unseal --recovery-private-key keys.yaml <sealed.yaml",
    },
  ],
  async run(context) {
    const { "secret-file": destination, format } = context.flags;
    const output = outputFormat(format, destination);
    const sealed = await readSealed(context);
    const keys = await keysToOpen(context, context.flags);
    const options = { cache: new UnsealCache(), beside: sealed, showsValues: true };
    const secrets = await Promise.all(sealed.map((object) => unsealObject(object, keys, options)));
    await deliver(context, destination, await formatObjects(secrets, output), 0o600);
    return 0;
  },
});

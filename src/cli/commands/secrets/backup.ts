import { Failure } from "../../../model/failure.ts";
import { backedUpAnnotation, encryptBackup } from "../../../seal/index.ts";
import { defineCommand } from "../../command/command.ts";
import { withCluster } from "../../environment/environments.ts";
import { refuseOverwriting, writeNamed } from "../../sealing/files/write-file.ts";
import { newPassphrase } from "../../sealing/keys/backup-key.ts";
import { controllerFlags, keySecrets } from "../../sealing/keys/keys.ts";

/** `mooring secrets backup FILE`. */
export const backup = defineCommand({
  description:
    "Writes all sealing keys of the cluster to one file, encrypted with age, and marks each key as backed up. Without these keys, nothing that was sealed can ever be decrypted again. The file is a list that kubectl can apply, and `age --decrypt` opens it too.",
  arguments: { file: { summary: "Where to write" } },
  flags: {
    recipient: { type: "list", short: "r", value: "AGE1…", summary: "age recipient to encrypt for" },
    "passphrase-file": {
      type: "string",
      value: "FILE",
      summary: "File with the passphrase to encrypt with; without a recipient or a file, you are prompted twice",
    },
    force: { type: "boolean", summary: "Overwrite an existing file" },
    ...controllerFlags,
  },
  unheeded: { namespace: "name the namespace of the keys with --controller-namespace" },
  examples: [{ text: "For the team's age key", line: "mooring secrets backup keys.age --recipient age1…" }],
  async run(context) {
    const { recipient, "passphrase-file": file } = context.flags;
    if (recipient.length > 0 && file !== undefined) {
      throw new Failure("UsageInvalid", { message: "--recipient and --passphrase-file cannot be used together" });
    }
    await refuseOverwriting(context, context.arguments.file, context.flags.force);
    const secrets = await keySecrets(context, context.flags);
    const lock = recipient.length > 0 ? { recipients: recipient } : { passphrase: await newPassphrase(context, file) };
    await writeNamed(context, context.arguments.file, await encryptBackup(secrets, lock), 0o600);
    const body = { metadata: { annotations: { [backedUpAnnotation]: context.now().toISOString() } } };
    await withCluster(context, async (cluster) => {
      for (const { metadata } of secrets) {
        const ref = { apiVersion: "v1", kind: "Secret", namespace: metadata.namespace ?? "", name: metadata.name };
        await cluster.patch(ref, { type: "merge", body }, { fieldManager: "mooring-cli" }, context.signal);
      }
    });
    context.stdout.line(`${context.arguments.file}: ${secrets.length} key${secrets.length === 1 ? "" : "s"}`);
    return 0;
  },
});

import { changeItems } from "../../../seal/index.ts";
import { asksNoCluster, defineCommand } from "../../command/command.ts";
import { writeNamed } from "../../sealing/files/write-file.ts";
import { nameFlag, readTarget, refuseOtherNamespace, requireItems } from "../../sealing/input/target.ts";

/** `mooring secrets unset FILE KEY...`. */
export const unset = defineCommand({
  description:
    "Removes keys from a SealedSecret and keeps every other byte of the file as it is. Needs neither a cluster nor a private key.",
  arguments: {
    file: { summary: "File with the SealedSecret" },
    key: { summary: "Keys to remove", many: true },
  },
  flags: nameFlag,
  unheeded: asksNoCluster,
  examples: [{ text: "Remove a key that is no longer needed", line: "mooring secrets unset db.yaml OLD_PASSWORD" }],
  async run(context) {
    const { file, key } = context.arguments;
    const target = await readTarget(context, file, context.flags.name);
    refuseOtherNamespace(context, target.document, file);
    requireItems(target, file, key);
    await writeNamed(context, file, changeItems(target.text, target.document, { remove: key }));
    for (const name of key) context.stdout.line(`${file}: ${name} removed`);
    return 0;
  },
});

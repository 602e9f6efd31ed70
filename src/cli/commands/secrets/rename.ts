import { Failure } from "../../../model/failure.ts";
import { changeItems } from "../../../seal/index.ts";
import { asksNoCluster, defineCommand } from "../../command/command.ts";
import { writeNamed } from "../../sealing/files/write-file.ts";
import {
  nameFlag,
  readTarget,
  refuseOtherNamespace,
  requireItemName,
  requireItems,
} from "../../sealing/input/target.ts";

/** `mooring secrets rename FILE KEY NEW`. */
export const rename = defineCommand({
  description:
    "Renames a key of a SealedSecret and keeps every other byte of the file as it is. Needs neither a cluster nor a private key, because a sealed value is not bound to its key.",
  arguments: {
    file: { summary: "File with the SealedSecret" },
    key: { summary: "Key to rename" },
    new: { summary: "New name" },
  },
  flags: nameFlag,
  unheeded: asksNoCluster,
  examples: [{ text: "Rename a key", line: "mooring secrets rename db.yaml PASSWORD DB_PASSWORD" }],
  async run(context) {
    const { file, key, new: next } = context.arguments;
    requireItemName(next);
    const target = await readTarget(context, file, context.flags.name);
    refuseOtherNamespace(context, target.document, file);
    requireItems(target, file, [key]);
    if (target.document.itemLines.has(next)) {
      throw new Failure("UsageInvalid", { file, line: target.document.line, message: `already has a key ${next}` });
    }
    const text = changeItems(target.text, target.document, { rename: new Map([[key, next]]) });
    await writeNamed(context, file, text);
    context.stdout.line(`${file}: ${key} is now ${next}`);
    return 0;
  },
});

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
    "Gives an item of a SealedSecret another name, and leaves every other byte of the file as it is. Needs neither cluster nor key, since a sealed value is not bound to its item's name.",
  arguments: {
    file: { summary: "The file with the SealedSecret" },
    key: { summary: "The item" },
    new: { summary: "Its new name" },
  },
  flags: nameFlag,
  unheeded: asksNoCluster,
  examples: [{ text: "As the program wants it called", line: "mooring secrets rename db.yaml PASSWORD DB_PASSWORD" }],
  async run(context) {
    const { file, key, new: next } = context.arguments;
    requireItemName(next);
    const target = await readTarget(context, file, context.flags.name);
    refuseOtherNamespace(context, target.document, file);
    requireItems(target, file, [key]);
    if (target.document.itemLines.has(next)) {
      throw new Failure("UsageInvalid", { file, line: target.document.line, message: `has an item ${next} already` });
    }
    const text = changeItems(target.text, target.document, { rename: new Map([[key, next]]) });
    await writeNamed(context, file, text);
    context.stdout.line(`${file}: ${key} is now ${next}`);
    return 0;
  },
});

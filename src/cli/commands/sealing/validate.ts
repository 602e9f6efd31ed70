import { describeId, groupOf } from "../../../model/object-id.ts";
import { unsealObject } from "../../../seal/index.ts";
import { defineCommand } from "../../command/command.ts";
import { readSealed, sealedInputFlags } from "../../sealing/input/sealed-input.ts";
import { controllerFlags, idleWithKeysAtHand, keysToOpen, privateKeyFlags } from "../../sealing/keys/keys.ts";

/** `mooring validate`. */
export const validate = defineCommand({
  description:
    "Opens SealedSecrets with the cluster's keys, or those at hand, tells whether it went well, and shows nothing of what is in them. Without any key `mooring secrets verify` finds most mistakes.",
  arguments: {},
  flags: {
    ...privateKeyFlags,
    ...controllerFlags,
    ...sealedInputFlags,
  },
  idle: [idleWithKeysAtHand],
  examples: [{ text: "Will the cluster be able to open it?", line: "mooring validate -f sealed.yaml" }],
  async run(context) {
    const sealed = await readSealed(context);
    const keys = await keysToOpen(context, context.flags);
    for (const object of sealed) {
      await unsealObject(object, keys, { beside: sealed });
      const { name, namespace = "" } = object.metadata;
      const id = { group: groupOf(object.apiVersion), kind: object.kind, namespace, name };
      context.stdout.line(`${describeId(id)} can be unsealed`);
    }
    return 0;
  },
});

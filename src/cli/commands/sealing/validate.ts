import { describeId, groupOf } from "../../../model/object-id.ts";
import { unsealObject } from "../../../seal/index.ts";
import { defineCommand } from "../../command/command.ts";
import { readSealed, sealedInputFlags } from "../../sealing/input/sealed-input.ts";
import { controllerFlags, idleWithKeysAtHand, keysToOpen, privateKeyFlags } from "../../sealing/keys/keys.ts";

/** `mooring validate`. */
export const validate = defineCommand({
  description:
    "Decrypts SealedSecrets with the cluster's keys or the given ones, reports whether that works, and shows none of their values. `mooring secrets verify` finds most mistakes without any key.",
  arguments: {},
  flags: {
    ...privateKeyFlags,
    ...controllerFlags,
    ...sealedInputFlags,
  },
  idle: [idleWithKeysAtHand],
  examples: [{ text: "Can the cluster decrypt it?", line: "mooring validate -f sealed.yaml" }],
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

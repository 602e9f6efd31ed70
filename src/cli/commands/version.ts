import { asksNoCluster, defineCommand } from "../command/command.ts";
import { programVersion } from "../version.ts";

/** `mooring version`. */
export const version = defineCommand({
  arguments: {},
  flags: {},
  unheeded: { ...asksNoCluster, namespace: "leave it out: it is the same in all" },
  examples: [{ text: "Which version is this?", line: "mooring version" }],
  async run({ stdout }) {
    stdout.line(`mooring ${programVersion}`);
    return 0;
  },
});

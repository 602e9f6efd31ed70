import { defineCommand } from "../command.ts";
import { programVersion } from "../version.ts";

/** `mooring version`. */
export const version = defineCommand({
  arguments: {},
  flags: {},
  examples: [{ text: "Which version is this?", line: "mooring version" }],
  async run({ stdout }) {
    stdout.line(`mooring ${programVersion}`);
    return 0;
  },
});

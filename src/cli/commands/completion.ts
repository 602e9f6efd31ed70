import { asksNoCluster, defineCommand } from "../command/command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { vocabulary } from "../completion/vocabulary.ts";
import { zshCompletion } from "../completion/zsh.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `mooring completion SHELL`. */
export const completion = defineCommand({
  description: "The script completes commands, flags, and flag values with a fixed set of choices.",
  arguments: { shell: { summary: "Shell to print the script for", choices: ["bash", "zsh", "fish"] } },
  flags: {},
  unheeded: { ...asksNoCluster, namespace: "leave it out: it is the same in all" },
  examples: [
    { text: "In the current bash", line: "source <(mooring completion bash)" },
    { text: "In every zsh", line: "mooring completion zsh > ~/.zsh/completions/_mooring" },
    { text: "In every fish", line: "mooring completion fish > ~/.config/fish/completions/mooring.fish" },
  ],
  async run({ arguments: { shell }, registry, stdout }) {
    stdout.writeData(scripts[shell](await vocabulary(registry)));
    return 0;
  },
});

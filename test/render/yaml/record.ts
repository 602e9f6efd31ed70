/** Asks the real kustomize every question of `inputs.ts` and writes its answers to `recorded.json`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tool } from "../../toolchain/tools.ts";
import { inputs } from "./inputs.ts";
import { printAll } from "./kustomize-oracle.ts";

const answers = await printAll(await tool("kustomize"), inputs);
const entries = inputs.map((body, index) => [body, answers[index]]);
await writeFile(
  join(import.meta.dirname, "recorded.json"),
  `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`,
);

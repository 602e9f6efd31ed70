import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./overlays.ts";

/** Small environments of one kind each, of which the real kustomize builds some and refuses others. */
export interface Kind {
  readonly name: string;
  readonly environments: readonly (readonly [name: string, environment: Environment])[];
}

const folder = join(import.meta.dirname, "kinds");

/** All of them; in their files `###` begins an environment and `===` a file of it. */
export const kinds: readonly Kind[] = readdirSync(folder).map((file) => ({
  name: file.replace(".txt", ""),
  environments: partsOf(readFileSync(join(folder, file), "utf8"), "###").map(([name, text]) => [
    name,
    Object.fromEntries(partsOf(text, "===").map(([path, content]) => [`overlay/${path}`, content])),
  ]),
}));

function partsOf(text: string, mark: string): readonly (readonly [title: string, body: string])[] {
  const parts = text.split(new RegExp(`^${mark} `, "m")).slice(1);
  return parts.map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)]);
}

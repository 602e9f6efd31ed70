import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type SopsKeys, sopsKeys } from "../../src/seal/index.ts";

/** A file that sops 3.13.3 encrypted, and what `sops --decrypt` gives for it. */
export interface SopsFixture {
  readonly name: string;
  readonly encrypted: Buffer;
  readonly plain: Buffer;
}

type Content = { readonly text: string } | { readonly base64: string };

interface Fixtures {
  readonly identities: readonly string[];
  readonly files: readonly { readonly name: string; readonly encrypted: Content; readonly plain: Content }[];
}

const fixtures: Fixtures = JSON.parse(readFileSync(join(import.meta.dirname, "sops-files.json"), "utf8"));

const bytes = (content: Content): Buffer =>
  "text" in content ? Buffer.from(content.text) : Buffer.from(content.base64, "base64");

/** Every fixture: the cases of `test/seal/sops-cases.ts`, several recipients, and key groups. */
export const sopsFixtures: readonly SopsFixture[] = fixtures.files.map(({ name, encrypted, plain }) => {
  return { name, encrypted: bytes(encrypted), plain: bytes(plain) };
});

/** The fixture of a name. */
export function sopsFixture(name: string): SopsFixture {
  const found = sopsFixtures.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no fixture ${name}`);
  return found;
}

/** The age identities that open them: the first one opens all but those of several key groups. */
export const ageIdentities: readonly string[] = fixtures.identities;

/** Keys of some of the identities, by their number. */
export function keysOf(...numbers: readonly number[]): SopsKeys {
  const items = numbers.map((number) => [`${number}.agekey`, Buffer.from(`${ageIdentities[number]}\n`)] as const);
  return sopsKeys(Object.fromEntries(items));
}

import { Failure } from "../../../model/failure.ts";
import type { KeyGroup, SopsMetadata } from "./metadata.ts";
import { identitiesOf, type Opener, pgpKeysOf } from "./openers.ts";
import { combineShares } from "./shamir.ts";

/** For whom a file is encrypted. */
type Recipients = Pick<SopsMetadata, "groups" | "threshold">;

/** Private keys that decrypt SOPS files. */
export interface SopsKeys {
  /** The data key of a file. Throws `Failure` (UnsealFailed) that names the recipients, and the keys that cannot be used. */
  dataKey(metadata: Recipients): Promise<Uint8Array>;
}

/**
 * The keys of a Secret as Flux takes them: age identities in `*.agekey`, armoured OpenPGP keys in `*.asc`; other items are
 * passed over. A key that cannot be used does not affect the others. Data keys are
 * cached as long as the value lives.
 */
export function sopsKeys(items: Readonly<Record<string, Uint8Array>>): SopsKeys {
  const known = new Map<string, Promise<Uint8Array>>();
  let openers: Promise<Openers> | undefined;
  return {
    dataKey(metadata) {
      const id = JSON.stringify(metadata.groups);
      openers ??= readOpeners(items);
      const found = known.get(id) ?? openers.then((ready) => openDataKey(metadata, ready));
      known.set(id, found);
      return found;
    },
  };
}

interface Openers {
  readonly age: readonly Opener[];
  readonly pgp: readonly Opener[];
  /** The problems of the others, each with its name in the Secret. */
  readonly unusable: readonly string[];
}

async function readOpeners(items: Readonly<Record<string, Uint8Array>>): Promise<Openers> {
  const [age, pgp, unusable]: [Opener[], Opener[], string[]] = [[], [], []];
  for (const [name, bytes] of Object.entries(items)) {
    const text = Buffer.from(bytes).toString();
    const read = name.endsWith(".agekey")
      ? await identitiesOf(text)
      : name.endsWith(".asc")
        ? await pgpKeysOf(text)
        : undefined;
    if (read === undefined) continue;
    (name.endsWith(".asc") ? pgp : age).push(...read.openers);
    if (read.problem !== undefined) unusable.push(`${name} ${read.problem}`);
  }
  return { age, pgp, unusable };
}

async function openDataKey(metadata: Recipients, openers: Openers): Promise<Uint8Array> {
  const parts = await Promise.all(metadata.groups.map((group) => openGroup(group, openers)));
  const opened = parts.filter((part) => part !== undefined);
  const key =
    metadata.groups.length === 1 ? opened[0] : opened.length >= metadata.threshold ? combineShares(opened) : undefined;
  if (key === undefined) throw unopened(metadata, openers);
  return key;
}

async function openGroup(group: KeyGroup, { age, pgp }: Openers): Promise<Uint8Array | undefined> {
  const tries = [
    ...group.age.flatMap(({ enc }) => age.map((opener) => () => opener(enc))),
    ...group.pgp.flatMap(({ enc }) => pgp.map((opener) => () => opener(enc))),
  ];
  for (const attempt of tries) {
    const part = await attempt();
    if (part !== undefined) return part;
  }
  return undefined;
}

/** A post-quantum recipient has two thousand letters; the first ones identify it. */
const shortened = (recipient: string): string =>
  recipient.length <= 80 ? recipient : `${recipient.slice(0, 40)}…${recipient.slice(-8)}`;

function unopened(metadata: Recipients, { age, pgp, unusable }: Openers): Failure {
  const recipients = metadata.groups.flatMap((group) => [
    ...group.age.map(({ recipient }) => shortened(recipient)),
    ...group.pgp.map(({ fingerprint }) => `PGP ${fingerprint}`),
    ...group.others.map((name) => `${name} (not supported)`),
  ]);
  const several =
    metadata.groups.length > 1 ? `, ${metadata.threshold} of ${metadata.groups.length} groups of them,` : "";
  const keysHere = age.length + pgp.length;
  const why = keysHere === 0 ? "there are no keys" : `none of the ${keysHere} keys is one of them`;
  const useless = unusable.length === 0 ? "" : `; unusable: ${unusable.join(", ")}`;
  return new Failure("UnsealFailed", {
    message: `is encrypted with SOPS for ${recipients.join(", ")}${several || ","} and ${why}${useless}`,
    hint: "put the age identity as *.agekey, or the OpenPGP key as *.asc, into the Secret of spec.decryption.secretRef",
  });
}

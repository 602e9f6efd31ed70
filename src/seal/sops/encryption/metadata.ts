import { Failure } from "../../../model/failure.ts";
import { compilePattern, type Pattern, PatternInvalid } from "../../../model/text/pattern.ts";
import type { Data } from "../tree.ts";

/** Master keys, any one of which opens the group's part of the data key. */
export interface KeyGroup {
  readonly age: readonly { readonly recipient: string; readonly enc: string }[];
  readonly pgp: readonly { readonly fingerprint: string; readonly enc: string }[];
  /** Kinds of master keys that Mooring cannot use: `kms`, `hc_vault`, … */
  readonly others: readonly string[];
}

/** What SOPS writes beside the values (`stores/stores.go` of getsops/sops, format of 3.x). */
export interface SopsMetadata {
  /** One group holds the data key whole; of several each holds a part. */
  readonly groups: readonly KeyGroup[];
  /** How many of several groups it takes. */
  readonly threshold: number;
  readonly mac: string;
  readonly lastModified: string;
  readonly macOnlyEncrypted: boolean;
  readonly rules: SopsRules;
}

/** Which values are encrypted: by the keys on the way to them, or by the comments before them. One at most is set. */
export interface SopsRules {
  readonly unencryptedSuffix: string;
  readonly encryptedSuffix: string;
  readonly unencryptedRegex: Pattern | undefined;
  readonly encryptedRegex: Pattern | undefined;
  readonly unencryptedComment: Pattern | undefined;
  readonly encryptedComment: Pattern | undefined;
}

type Fields = ReadonlyMap<string, Data>;

const otherKeys = ["kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"];
const ruleNames = ["suffix", "regex", "comment_regex"].flatMap((rule) => [`unencrypted_${rule}`, `encrypted_${rule}`]);

/** Tells whether the member `sops` is SOPS' metadata, and not a setting of that name. */
export function isMetadata(value: Data | undefined): value is Fields {
  return value instanceof Map && (value.has("mac") || value.has("lastmodified"));
}

/** Reads the `sops` member of a file; other fields are ignored. Throws `Failure` (SealInvalid). */
export function readMetadata(value: Data | undefined): SopsMetadata {
  if (!(value instanceof Map)) throw invalid("the sops metadata is not a map");
  const fields: Fields = value;
  const [mac, lastModified] = [textAt(fields, "mac"), textAt(fields, "lastmodified")];
  if (mac === "" || lastModified === "") throw invalid("the sops metadata has no mac or no lastmodified");
  const groups = keyGroups(fields);
  if (groups.length === 0) throw invalid("the sops metadata names no key");
  const threshold = Number(textAt(fields, "shamir_threshold"));
  return {
    groups,
    threshold: Number.isInteger(threshold) && threshold > 0 ? threshold : groups.length,
    mac,
    // It is bound to the MAC as Go writes it again: without parts of a second.
    lastModified: lastModified.replace(/(:\d\d)\.\d+/, "$1"),
    macOnlyEncrypted: /^(?:1|t|T|true|TRUE|True)$/.test(textAt(fields, "mac_only_encrypted")),
    rules: readRules(fields),
  };
}

/** The keys beside the MAC are one group; only without any of them do `key_groups` count. */
function keyGroups(fields: Fields): readonly KeyGroup[] {
  const own = readGroup(fields);
  if (own.age.length + own.pgp.length + own.others.length > 0) return [own];
  return listAt(fields, "key_groups").map((group) => readGroup(group instanceof Map ? group : new Map()));
}

function readGroup(group: Fields): KeyGroup {
  const keys = (name: string) => listAt(group, name).map((key): Fields => (key instanceof Map ? key : new Map()));
  return {
    age: keys("age").map((key) => ({ recipient: textAt(key, "recipient"), enc: textAt(key, "enc") })),
    pgp: keys("pgp").map((key) => ({ fingerprint: textAt(key, "fp"), enc: textAt(key, "enc") })),
    others: otherKeys.filter((name) => listAt(group, name).length > 0),
  };
}

function readRules(fields: Fields): SopsRules {
  const set = ruleNames.filter((name) => textAt(fields, name) !== "");
  if (set.length > 1) throw invalid(`the sops metadata has more than one rule: ${set.join(", ")}`);
  const pattern = (name: string) => compiled(textAt(fields, name), `sops.${name}`);
  return {
    unencryptedSuffix: set.length === 0 ? "_unencrypted" : textAt(fields, "unencrypted_suffix"),
    encryptedSuffix: textAt(fields, "encrypted_suffix"),
    unencryptedRegex: pattern("unencrypted_regex"),
    encryptedRegex: pattern("encrypted_regex"),
    unencryptedComment: pattern("unencrypted_comment_regex"),
    encryptedComment: pattern("encrypted_comment_regex"),
  };
}

/** The position of a value: its path of keys, and the comments before it at each level. */
export interface RulePlace {
  readonly path: readonly string[];
  readonly comments: readonly (readonly string[])[];
  readonly isComment: boolean;
}

/** Tells whether the rules say that a value is encrypted (`shouldBeEncrypted` in `sops.go`). */
export function isEncryptedByRule(rules: SopsRules, { path, comments, isComment }: RulePlace): boolean {
  const { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex } = rules;
  if (unencryptedSuffix !== "") return !path.some((key) => key.endsWith(unencryptedSuffix));
  if (encryptedSuffix !== "") return path.some((key) => key.endsWith(encryptedSuffix));
  if (unencryptedRegex !== undefined) return !path.some((key) => unencryptedRegex.test(key));
  if (encryptedRegex !== undefined) return path.some((key) => encryptedRegex.test(key));
  const { unencryptedComment, encryptedComment } = rules;
  if (unencryptedComment !== undefined) return !comments.flat().some((text) => unencryptedComment.test(text));
  if (encryptedComment === undefined) return true;
  // The comment that matches is not encrypted itself.
  const last = comments.length - 1;
  const asking = isComment ? comments.map((level, index) => (index === last ? level.slice(0, -1) : level)) : comments;
  return asking.flat().some((text) => encryptedComment.test(text));
}

/** Tells whether comments decide: a rendered object has none. */
export function usesCommentRules({ unencryptedComment, encryptedComment }: SopsRules): boolean {
  return unencryptedComment !== undefined || encryptedComment !== undefined;
}

function compiled(text: string, field: string): Pattern | undefined {
  if (text === "") return undefined;
  try {
    return compilePattern(text);
  } catch (cause) {
    if (!(cause instanceof PatternInvalid)) throw cause;
    throw new Failure("SealInvalid", { message: `is not a regular expression: ${cause.message}`, field }, { cause });
  }
}

function textAt(fields: Fields, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function listAt(fields: Fields, name: string): readonly Data[] {
  const value = fields.get(name);
  return Array.isArray(value) ? value : [];
}

function invalid(message: string): Failure {
  return new Failure("SealInvalid", { message, field: "sops", hint: "encrypt the file again, with `sops --encrypt`" });
}

import { Failure } from "../../model/failure.ts";
import { isObject, type Json, type JsonObject, listAt, numberAt, stringAt } from "../../model/json.ts";
import { compilePattern, type Pattern, PatternInvalid } from "../../model/pattern.ts";

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

/** Which values are encrypted, by the keys on the way to them. */
export interface SopsRules {
  readonly unencryptedSuffix: string;
  readonly encryptedSuffix: string;
  readonly unencryptedRegex: Pattern | undefined;
  readonly encryptedRegex: Pattern | undefined;
  /** A rule over comments decides: then a value that looks encrypted is. */
  readonly byComment: boolean;
}

const otherKeys = ["kms", "gcp_kms", "azure_kv", "hc_vault"];

/** Reads the `sops` member of a file. Throws `Failure` (SealInvalid). */
export function readMetadata(value: Json | undefined): SopsMetadata {
  if (!isObject(value)) throw new Failure("SealInvalid", { message: "the sops metadata is no map", field: "sops" });
  const [mac, lastModified] = [stringAt(value, "mac"), stringAt(value, "lastmodified")];
  if (mac === undefined || lastModified === undefined) {
    throw new Failure("SealInvalid", { message: "the sops metadata has no mac or no lastmodified", field: "sops" });
  }
  const several = listAt(value, "key_groups");
  const groups = (several.length > 0 ? several : [value]).map(readGroup);
  return {
    groups,
    threshold: numberAt(value, "shamir_threshold") || groups.length,
    mac,
    lastModified,
    macOnlyEncrypted: value.mac_only_encrypted === true,
    rules: readRules(value),
  };
}

function readGroup(group: Json): KeyGroup {
  return {
    age: listAt(group, "age").map((key) => ({
      recipient: stringAt(key, "recipient") ?? "",
      enc: stringAt(key, "enc") ?? "",
    })),
    pgp: listAt(group, "pgp").map((key) => ({
      fingerprint: stringAt(key, "fp") ?? "",
      enc: stringAt(key, "enc") ?? "",
    })),
    others: otherKeys.filter((name) => listAt(group, name).length > 0),
  };
}

function readRules(value: JsonObject): SopsRules {
  const text = (name: string) => stringAt(value, name) ?? "";
  return {
    unencryptedSuffix: text("unencrypted_suffix"),
    encryptedSuffix: text("encrypted_suffix"),
    unencryptedRegex: pattern(text("unencrypted_regex"), "sops.unencrypted_regex"),
    encryptedRegex: pattern(text("encrypted_regex"), "sops.encrypted_regex"),
    byComment: text("unencrypted_comment_regex") + text("encrypted_comment_regex") !== "",
  };
}

/** Tells whether the rules say that a value is encrypted (`shouldBeEncrypted` in `sops.go`); the later rules win. */
export function isEncryptedByRule(rules: SopsRules, path: readonly string[]): boolean {
  let encrypted = true;
  if (rules.unencryptedSuffix !== "" && path.some((key) => key.endsWith(rules.unencryptedSuffix))) encrypted = false;
  if (rules.encryptedSuffix !== "") encrypted = path.some((key) => key.endsWith(rules.encryptedSuffix));
  const { unencryptedRegex, encryptedRegex } = rules;
  if (unencryptedRegex !== undefined && path.some((key) => unencryptedRegex.test(key))) encrypted = false;
  return encryptedRegex === undefined ? encrypted : path.some((key) => encryptedRegex.test(key));
}

function pattern(text: string, field: string): Pattern | undefined {
  if (text === "") return undefined;
  try {
    return compilePattern(text);
  } catch (cause) {
    if (!(cause instanceof PatternInvalid)) throw cause;
    const message = `is not a regular expression: ${cause.message}`;
    throw new Failure("SealInvalid", { message, field }, { cause });
  }
}

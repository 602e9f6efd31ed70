import { describe, expect, test } from "vitest";
import { signerOptions } from "./signer-options.ts";

const none = { authority: false, namespaces: undefined, validAfter: undefined, validBefore: undefined };

// ssh-keygen(1), "ALLOWED SIGNERS".
describe("the options of a signer", () => {
  test.each([
    ["", {}],
    ["cert-authority", { authority: true }],
    ["CERT-AUTHORITY,cert-authority", { authority: true }],
    ['namespaces="git"', { namespaces: "git" }],
    ['namespaces="git,file",cert-authority', { namespaces: "git,file", authority: true }],
    ['Namespaces="a\\"b"', { namespaces: 'a"b' }],
    ['namespaces="a,b c"', { namespaces: "a,b c" }],
    ['valid-after="20260101"', { validAfter: Date.UTC(2026, 0, 1) }],
    ['valid-after="20260101Z"', { validAfter: Date.UTC(2026, 0, 1) }],
    ['valid-before="202601021530"', { validBefore: Date.UTC(2026, 0, 2, 15, 30) }],
    ['valid-before="20260102153045UTC"', { validBefore: Date.UTC(2026, 0, 2, 15, 30, 45) }],
    ['valid-after="20260229"', { validAfter: Date.UTC(2026, 2, 1) }],
    [
      'valid-after="20260101",valid-before="20270101"',
      { validAfter: Date.UTC(2026, 0, 1), validBefore: Date.UTC(2027, 0, 1) },
    ],
    [',,namespaces="git"', { namespaces: "git" }],
  ])("%s", (text, options) => {
    expect(signerOptions(text)).toEqual({ ...none, ...options });
  });

  test.each([
    ['namespaces="git",namespaces="file"', '"namespaces" is given twice'],
    ["namespaces=git", 'the value of "namespaces" is not in quotes'],
    ['namespaces="git', 'the value of "namespaces" is not in quotes'],
    ['namespaces="git"x', 'the option "x" is not known'],
    ["no-touch-required", 'the option "no-touch-required" is not known'],
    ["cert-authorityx", 'the option "cert-authorityx" is not known'],
    ["=", "the options are not understood"],
    ["cert-authority,", "the options end with a comma"],
    ['valid-after="tomorrow"', 'the value of "valid-after" is not a valid time'],
    ['valid-after="20261301"', 'the value of "valid-after" is not a valid time'],
    ['valid-after="20260132"', 'the value of "valid-after" is not a valid time'],
    ['valid-after="202601012460"', 'the value of "valid-after" is not a valid time'],
    ['valid-after="2026010124"', 'the value of "valid-after" is not a valid time'],
    ['valid-before="19691231"', 'the value of "valid-before" is not a valid time'],
    ['valid-before="19700101"', 'the value of "valid-before" is not a valid time'],
    ['valid-after="20270101",valid-before="20260101"', '"valid-before" is not later than "valid-after"'],
    ['valid-after="20260101",valid-before="20260101"', '"valid-before" is not later than "valid-after"'],
  ])("%s is refused", (text, why) => {
    expect(signerOptions(text)).toContain(why);
  });
});

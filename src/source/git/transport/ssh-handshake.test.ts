import { describe, expect, test } from "vitest";
import { hostKeyAlgorithms } from "./ssh-handshake.ts";

const known = (...types: readonly string[]) => ({
  trusted: types.map((type) => ({ type, blob: Buffer.alloc(0) })),
  revoked: [],
});
const modern = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

describe("of a host's keys is asked for", () => {
  test.each([
    ["the one that is known", known("ssh-ed25519"), ["ssh-ed25519"]],
    ["one of RSA with hashes that count", known("ssh-rsa"), ["rsa-sha2-512", "rsa-sha2-256"]],
    [
      "any that is known, the best first",
      known("ecdsa-sha2-nistp384", "ssh-ed25519"),
      ["ssh-ed25519", "ecdsa-sha2-nistp384"],
    ],
    ["any, where none is known", known(), modern],
    ["any, where only one of DSA is", known("ssh-dss"), modern],
  ])("%s", (_, keys, algorithms) => {
    expect(hostKeyAlgorithms(keys)).toEqual(algorithms);
  });
});

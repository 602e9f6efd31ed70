import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { fingerprint, judgeHostKey, keyType, knownKeys } from "./known-hosts.ts";

/** The key that GitHub publishes, and the fingerprint it publishes with it. */
const github = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const shown = Buffer.from(github, "base64");
const line = (hosts: string) => `${hosts} ssh-ed25519 ${github}`;
const salt = Buffer.from("01234567890123456789");
const hashed = (name: string) =>
  `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;

test("a fingerprint is what ssh-keygen prints", () => {
  expect(fingerprint(shown)).toBe("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
  expect(keyType(shown)).toBe("ssh-ed25519");
});

test.each([
  ["its name", line("git.example.com"), "trusted"],
  ["its name among others", line("other.example.com,git.example.com"), "trusted"],
  ["its name in capitals", line("GIT.example.com"), "trusted"],
  ["a wildcard", line("*.example.com"), "trusted"],
  ["a question mark", line("gi?.example.com"), "trusted"],
  ["a wildcard without it", line("*.example.com,!git.example.com"), "unknown"],
  ["its hashed name", line(hashed("git.example.com")), "trusted"],
  ["another hashed name", line(hashed("other.example.com")), "unknown"],
  ["a name that only looks like it", line("git-example.com"), "unknown"],
  ["a longer name", line("git.example.com.evil.org"), "unknown"],
  ["another port", line("[git.example.com]:2222"), "unknown"],
  ["a comment", `# ${line("git.example.com")}`, "unknown"],
  ["nothing", "", "unknown"],
  ["a certificate authority", `@cert-authority ${line("*.example.com")}`, "unknown"],
  ["another key", "git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "changed"],
  ["the key as revoked", `${line("git.example.com")}\n@revoked ${line("*")}`, "revoked"],
  ["another key and this one", `git.example.com ssh-rsa AAAA\n${line("git.example.com")}`, "trusted"],
])("known_hosts with %s", (_, knownHosts, trust) => {
  expect(judgeHostKey(knownKeys(knownHosts, "git.example.com", 22), shown)).toBe(trust);
});

test("a port that is not 22 is part of the name", () => {
  expect(judgeHostKey(knownKeys(line("[git.example.com]:2222"), "git.example.com", 2222), shown)).toBe("trusted");
  expect(judgeHostKey(knownKeys(line("git.example.com"), "git.example.com", 2222), shown)).toBe("unknown");
});

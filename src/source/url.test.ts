import { expect, test } from "vitest";
import { parseRepositoryUrl, redactUrl } from "./url.ts";

test.each([
  ["https://git.example.com/acme/env.git", { transport: "http", address: "https://git.example.com/acme/env.git" }],
  ["https://git.example.com/acme/env.git/", { address: "https://git.example.com/acme/env.git" }],
  ["https://org@dev.azure.com/org/env", { user: "org", address: "https://dev.azure.com/org/env" }],
  ["http://git.example.com:3000/env", { transport: "http", host: "git.example.com", port: 3000 }],
  ["ssh://git@git.example.com/acme/env.git", { transport: "ssh", user: "git", path: "/acme/env.git", port: undefined }],
  ["ssh://git@git.example.com:2222/~me/env", { host: "git.example.com", port: 2222, path: "/~me/env" }],
  ["ssh://[::1]:2222/env", { host: "::1", port: 2222, user: undefined, address: "ssh://git@[::1]:2222/env" }],
  ["git@git.example.com:acme/env.git", { transport: "ssh", user: "git", path: "acme/env.git" }],
  ["git.example.com:env.git", { transport: "ssh", user: undefined, host: "git.example.com", path: "env.git" }],
  ["git@[::1]:env.git", { transport: "ssh", host: "::1", path: "env.git" }],
])("%s is understood", (text, parts) => {
  expect(parseRepositoryUrl(text)).toMatchObject(parts);
});

test.each([
  "",
  "env.git",
  "/srv/env.git",
  "./env.git",
  "file:///srv/env.git",
  "ftp://git.example.com/env.git",
  "https://",
  "ext::sh -c touch% /tmp/pwned",
  "git@host:--upload-pack=touch",
])("%j is not the URL of a repository", (text) => {
  expect(() => parseRepositoryUrl(text)).toThrow("not the URL of a Git repository");
});

test("a host that ssh would take for an option is none", () => {
  expect(() => parseRepositoryUrl("ssh://-oProxyCommand=touch/env.git")).toThrow("not the URL of a Git repository");
});

test("a password in the URL is refused, and not repeated", () => {
  const attempt = () => parseRepositoryUrl("https://me:s3cret@git.example.com/env.git");
  expect(attempt).toThrow("holds a password: https://***@git.example.com/env.git");
  expect(attempt).not.toThrow("s3cret");
});

test.each([
  ["https://me:s3cret@git.example.com/env?token=abc", "https://***@git.example.com/env"],
  ["https://t0ken@git.example.com/env", "https://***@git.example.com/env"],
  ["git@git.example.com:env.git", "git@git.example.com:env.git"],
])("%s is shown as %s", (text, shown) => {
  expect(redactUrl(text)).toBe(shown);
});

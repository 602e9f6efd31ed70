import { describe, expect, test } from "vitest";
import type { Credentials } from "./credentials.ts";
import { credentialsFor, wayTo } from "./credentials-for.ts";

const credentials: Credentials = {
  username: "me",
  password: "s3cret",
  ca: "CA",
  clientCertificate: "CERT",
  clientKey: "KEY",
  proxy: "http://proxy.example.com:3128/",
};
const home = (url: string) => ({ url, credentials });

describe("another repository on the same server gets all that the first one has", () => {
  test.each([
    ["https://git.example.com/acme/env", "https://git.example.com/acme/base.git"],
    ["https://git.example.com/acme/env", "https://GIT.example.com:443/other"],
    ["https://git.example.com/acme/env", "https://git.example.com./other"],
    ["http://git.example.com/env", "http://git.example.com:80/base"],
    ["https://git.example.com:3000/env", "https://git.example.com:3000/base"],
    ["ssh://git@git.example.com/env", "git@git.example.com:base.git"],
    ["ssh://git@git.example.com:22/env", "ssh://other@git.example.com/base"],
    ["http://2130706433/env", "http://127.0.0.1/base"],
    ["https://[::1]/env", "https://[0:0::1]/base"],
  ])("%s and %s", (first, other) => {
    expect(credentialsFor(other, home(first))).toBe(credentials);
  });
});

describe("on another server it gets the proxy alone", () => {
  test.each([
    ["https://git.example.com/env", "https://git.example.org/env", "another host"],
    ["https://git.example.com/env", "https://git.example.com.evil.example/env", "a host that begins the same"],
    ["https://git.example.com/env", "https://evilgit.example.com/env", "a host that ends the same"],
    ["https://git.example.com/env", "https://git.example.com:8443/env", "another port"],
    ["https://git.example.com/env", "http://git.example.com/env", "without TLS"],
    ["https://git.example.com/env", "http://git.example.com:443/env", "without TLS, at its port"],
    ["https://git.example.com/env", "ssh://git@git.example.com/env", "over SSH"],
    ["ssh://git@git.example.com/env", "ssh://git@git.example.com:2222/env", "another port of SSH"],
    ["ssh://git@git.example.com:443/env", "https://git.example.com/env", "HTTPS at the port of SSH"],
    ["https://git.example.com/env", "https://git.example.com@evil.example/env", "a host as a user"],
  ])("%s and %s: %s", (first, other) => {
    expect(credentialsFor(other, home(first))).toEqual({ proxy: "http://proxy.example.com:3128/" });
  });

  test("and nothing where there is none", () => {
    expect(credentialsFor("https://b.example/x", { url: "https://a.example/x", credentials: { ca: "CA" } })).toEqual(
      {},
    );
  });
});

describe("the way to a file holds no credentials", () => {
  test.each([
    ["on the same server", "https://git.example.com/env/raw/a.yaml", { proxy: credentials.proxy, ca: "CA" }],
    ["elsewhere", "https://raw.example.org/a.yaml", { proxy: credentials.proxy }],
  ])("%s", (_, url, way) => {
    expect(wayTo(url, home("https://git.example.com/env"))).toEqual(way);
  });
});

import { expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { credentialsFrom, proxyFrom } from "./credentials.ts";

function secret(data: Readonly<Record<string, string>>): KubeObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  const metadata = { name: "git-auth", namespace: "shop" };
  return { apiVersion: "v1", kind: "Secret", metadata, data: Object.fromEntries(encoded) };
}

test.each([
  [
    { username: "me", password: "pass word" },
    { username: "me", password: "pass word" },
  ],
  [{ bearerToken: "t0ken\n" }, { bearerToken: "t0ken" }],
  [
    { "ca.crt": "CA", "tls.crt": "CERT", "tls.key": "KEY" },
    { ca: "CA", clientCertificate: "CERT", clientKey: "KEY" },
  ],
  [
    { caFile: "CA", certFile: "CERT", keyFile: "KEY" },
    { ca: "CA", clientCertificate: "CERT", clientKey: "KEY" },
  ],
  [{ caFile: "OLD", "ca.crt": "NEW" }, { ca: "NEW" }],
  [
    { identity: "PRIVATE", known_hosts: "HOSTS", "identity.pub": "PUBLIC" },
    { identity: "PRIVATE", knownHosts: "HOSTS" },
  ],
  [
    { identity: "PRIVATE", known_hosts: "HOSTS", password: "open" },
    { identity: "PRIVATE", knownHosts: "HOSTS", identityPassphrase: "open" },
  ],
  [{}, {}],
])("the Secret %j is read as Flux reads it", (data, credentials) => {
  const found = Object.entries(credentialsFrom(secret(data))).filter(([, value]) => value !== undefined);
  expect(Object.fromEntries(found)).toEqual(credentials);
});

test.each([
  [{ username: "me" }, "holds username but not password"],
  [{ password: "pass" }, "holds password but not username"],
  [{ "tls.crt": "CERT" }, "holds tls.crt but not tls.key"],
  [{ "tls.key": "KEY" }, "holds tls.key but not tls.crt"],
  [{ identity: "PRIVATE" }, "holds identity but not known_hosts"],
])("the Secret %j lacks a half", (data, message) => {
  expect(() => credentialsFrom(secret(data))).toThrow(`Secret/shop/git-auth: ${message}`);
});

test("a value that is not text is named, not shown", () => {
  const object = { ...secret({}), data: { username: Buffer.from([0xff, 0xfe]).toString("base64") } };
  expect(() => credentialsFrom(object)).toThrow("Secret/shop/git-auth: data.username: is not text in UTF-8");
});

test("stringData is read like data", () => {
  const object = { ...secret({}), stringData: { bearerToken: "t0ken" } };
  expect(credentialsFrom(object).bearerToken).toBe("t0ken");
});

test("a proxy's user and password go into its address", () => {
  const full = { address: "http://proxy.example.com:3128", username: "me", password: "p@ss:word" };
  expect(proxyFrom(secret(full)).proxy).toBe("http://me:p%40ss%3Aword@proxy.example.com:3128/");
  expect(proxyFrom(secret({ address: "https://proxy.example.com" })).proxy).toBe("https://proxy.example.com/");
});

test.each([{}, { address: "proxy:3128" }, { address: "socks5://proxy" }])("%j is no proxy", (data) => {
  expect(() => proxyFrom(secret(data))).toThrow("data.address: is not the address of a proxy");
});

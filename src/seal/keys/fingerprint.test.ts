import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

// openssl genrsa -traditional 1024 > k; openssl rsa -in k -pubout
const publicKey = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDYmwx2rQ1yc1m0MIE2Vm+IjknF
7kX89rLOvkFLekj/9ScXFCNGWydfjDRNm2Qfe7qlVEFhQFFc7U7jnLzePHY4kFeW
SM3aSxlaH+ZALpjzhGGYp52Rd1IQKc49Q5yCdeoYM5jnlb358/1bkJSWtyqGCimX
wZb17OcHvsij3rehsQIDAQAB
-----END PUBLIC KEY-----`;

test("the fingerprint is the one that OpenSSH prints", () => {
  // ssh-keygen -y -f k > k.pub; ssh-keygen -lf k.pub
  expect(fingerprint(createPublicKey(publicKey))).toBe("SHA256:zel9tBziBROhltXKmJQThgCa4WbWRuuF7zhAG0UGkxk");
});

test("only RSA keys have one", () => {
  const { publicKey: elliptic } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  expect(() => fingerprint(elliptic)).toThrow("sealing needs an RSA key, but this one has the type ec");
});

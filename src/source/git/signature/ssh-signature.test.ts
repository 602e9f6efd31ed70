import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isPublicKey, verifySshBlob } from "./ssh-public-key.ts";
import { verifySshSignature } from "./ssh-signature.ts";
import { sshBytes } from "./ssh-wire.ts";

const bytes = (text = "") => Buffer.from(text, "base64url");
/** A positive number of SSH: a zero before a high bit. */
const mpint = (number: Buffer) => sshBytes((number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), number]) : number);

interface Key {
  readonly blob: Buffer;
  /** A signature as SSH writes it. */
  readonly sign: (data: Buffer) => Buffer;
}

// RFC 8709.
function ed25519(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const x = bytes(publicKey.export({ format: "jwk" }).x);
  return {
    blob: Buffer.concat([sshBytes("ssh-ed25519"), sshBytes(x)]),
    sign: (data) => Buffer.concat([sshBytes("ssh-ed25519"), sshBytes(sign(null, data, privateKey))]),
  };
}

const rsaPair = generateKeyPairSync("rsa", { modulusLength: 2048 });

// RFC 4253 and 8332.
function rsa(algorithm: string, hash: string, { privateKey, publicKey } = rsaPair): Key {
  const { e, n } = publicKey.export({ format: "jwk" });
  return {
    blob: Buffer.concat([sshBytes("ssh-rsa"), mpint(bytes(e)), mpint(bytes(n))]),
    sign: (data) => Buffer.concat([sshBytes(algorithm), sshBytes(sign(hash, data, privateKey))]),
  };
}

// RFC 5656.
function ecdsa(name: string, namedCurve: string, hash: string): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  const { x, y } = publicKey.export({ format: "jwk" });
  const type = `ecdsa-sha2-${name}`;
  const point = Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]);
  const halves = (data: Buffer, key: KeyObject) => {
    const both = sign(hash, data, { key, dsaEncoding: "ieee-p1363" });
    const half = both.length / 2;
    return [both.subarray(0, half), both.subarray(half)].map((number) => {
      const first = number.findIndex((byte) => byte !== 0);
      return mpint(number.subarray(first));
    });
  };
  return {
    blob: Buffer.concat([sshBytes(type), sshBytes(name), sshBytes(point)]),
    sign: (data) => Buffer.concat([sshBytes(type), sshBytes(Buffer.concat(halves(data, privateKey)))]),
  };
}

const kinds: readonly (readonly [string, string, Key])[] = [
  ["ed25519", "ssh-ed25519", ed25519()],
  ["RSA with SHA-512", "ssh-rsa", rsa("rsa-sha2-512", "sha512")],
  ["RSA with SHA-256", "ssh-rsa", rsa("rsa-sha2-256", "sha256")],
  ["ECDSA of 256 bits", "ecdsa-sha2-nistp256", ecdsa("nistp256", "P-256", "sha256")],
  ["ECDSA of 384 bits", "ecdsa-sha2-nistp384", ecdsa("nistp384", "P-384", "sha384")],
  ["ECDSA of 521 bits", "ecdsa-sha2-nistp521", ecdsa("nistp521", "P-521", "sha512")],
];

describe("a signature", () => {
  const anotherPair = generateKeyPairSync("rsa", { modulusLength: 2048 });

  test.each(kinds)("by %s is good over its data, and over no other", (_, __, { blob, sign: signs }) => {
    // Several, for numbers with zeros before them.
    for (let n = 0; n < 10; n++) {
      const data = Buffer.from(`data ${n}`);
      expect(verifySshBlob(blob, signs(data), data)).toBe(true);
      expect(verifySshBlob(blob, signs(data), Buffer.from("other"))).toBe(false);
    }
  });

  test.each(kinds)("by %s is none by another key of its kind", (_, type, { sign: signs }) => {
    const data = Buffer.from("data");
    const other = { "ssh-ed25519": ed25519, "ssh-rsa": () => rsa("rsa-sha2-512", "sha512", anotherPair) }[type];
    if (other === undefined) return;
    expect(verifySshBlob(other().blob, signs(data), data)).toBe(false);
  });

  test("by RSA with SHA-1 counts for nothing", () => {
    const { blob, sign: signs } = rsa("ssh-rsa", "sha1");
    expect(verifySshBlob(blob, signs(Buffer.from("data")), Buffer.from("data"))).toBe(false);
  });

  test("that says it is of another kind than the key is none", () => {
    const [one, two] = [ed25519(), rsa("rsa-sha2-512", "sha512")];
    const data = Buffer.from("data");
    expect(verifySshBlob(one.blob, two.sign(data), data)).toBe(false);
    expect(verifySshBlob(two.blob, one.sign(data), data)).toBe(false);
  });
});

describe("a public key", () => {
  test.each(kinds)("of %s is one, of its type, and nothing more", (_, type, { blob }) => {
    expect(isPublicKey(blob, type)).toBe(true);
    expect(isPublicKey(Buffer.concat([blob, Buffer.of(0)]), type)).toBe(false);
    expect(isPublicKey(blob.subarray(0, -1), type)).toBe(false);
    expect(isPublicKey(blob, type === "ssh-rsa" ? "ssh-ed25519" : "ssh-rsa")).toBe(false);
  });

  test.each([
    ["nothing", Buffer.alloc(0), "ssh-ed25519"],
    [
      "a point on no curve",
      Buffer.concat([sshBytes("ecdsa-sha2-nistp256"), sshBytes("nistp256"), sshBytes(Buffer.alloc(65, 4))]),
      "ecdsa-sha2-nistp256",
    ],
    [
      "a curve by another name",
      Buffer.concat([sshBytes("ecdsa-sha2-nistp256"), sshBytes("nistp384"), sshBytes(Buffer.alloc(65, 4))]),
      "ecdsa-sha2-nistp256",
    ],
    ["a short key of ed25519", Buffer.concat([sshBytes("ssh-ed25519"), sshBytes("short")]), "ssh-ed25519"],
    [
      "RSA of 512 bits",
      rsa("rsa-sha2-256", "sha256", generateKeyPairSync("rsa", { modulusLength: 512 })).blob,
      "ssh-rsa",
    ],
    ["a type of its own", sshBytes("__proto__"), "__proto__"],
  ])("is none of %s", (_, blob, type) => {
    expect(isPublicKey(blob, type)).toBe(false);
  });
});

// PROTOCOL.sshsig of OpenSSH.
describe("Git's signature by SSH", () => {
  const key = ed25519();
  const payload = Buffer.from("tree 1\n\nSubject\n");
  const at = Date.UTC(2026, 0, 1);
  const armored = (body: Buffer) =>
    `-----BEGIN SSH SIGNATURE-----\n${body.toString("base64").replace(/(.{70})/g, "$1\n")}\n-----END SSH SIGNATURE-----\n`;
  const signatureOf = ({ namespace = "git", hash = "sha512", version = 1, over = payload, by = key } = {}) => {
    const fields = [sshBytes(namespace), sshBytes(""), sshBytes(hash)];
    const digest = createHash(hash === "md5" ? "md5" : hash)
      .update(over)
      .digest();
    const value = by.sign(Buffer.concat([Buffer.from("SSHSIG"), ...fields, sshBytes(digest)]));
    const head = Buffer.concat([Buffer.from("SSHSIG"), Buffer.of(0, 0, 0, version), sshBytes(key.blob)]);
    return armored(Buffer.concat([head, ...fields, sshBytes(value)]));
  };
  const ada = { name: "ada@example.com", blob: key.blob };
  const fingerprint = `SHA256:${createHash("sha256").update(key.blob).digest("base64").replace(/=+$/, "")}`;
  const judge = (
    signature: string,
    signers = [ada as { name: string; blob: Buffer; validAfter?: number; validBefore?: number }],
  ) => verifySshSignature({ payload, signature }, signers, at);

  test.each(["sha256", "sha512"])("is good with %s", (hash) => {
    expect(judge(signatureOf({ hash }))).toEqual({ verdict: "good", by: `ada@example.com (${fingerprint})` });
  });

  test.each([
    ["for another namespace", { namespace: "file" }],
    ["with another hash", { hash: "md5" }],
    ["of another version", { version: 2 }],
    ["over something else", { over: Buffer.from("tree 2\n\nSubject\n") }],
    ["by another key", { by: ed25519() }],
  ])("is broken %s", (_, how) => {
    expect(judge(signatureOf(how))).toEqual({ verdict: "broken" });
  });

  test.each([
    ["of nothing", armored(Buffer.alloc(0))],
    ["without an end", signatureOf().replace("-----END SSH SIGNATURE-----", "")],
    ["cut short", armored(Buffer.from(signatureOf().split("\n").slice(1, 2).join(""), "base64"))],
    ["of something else", armored(Buffer.from("hello, this is no signature"))],
  ])("is broken %s", (_, signature) => {
    expect(judge(signature)).toEqual({ verdict: "broken" });
  });

  test("by nobody that is known tells its fingerprint", () => {
    expect(judge(signatureOf(), [])).toEqual({ verdict: "unknown", by: fingerprint });
    expect(judge(signatureOf(), [{ ...ada, blob: ed25519().blob }])).toEqual({ verdict: "unknown", by: fingerprint });
  });

  test.each([
    ["at any time", {}, "good"],
    ["from the moment it was made", { validAfter: at }, "good"],
    ["until the moment it was made", { validBefore: at }, "good"],
    ["later", { validAfter: at + 1 }, "outdated"],
    ["earlier", { validBefore: at - 1 }, "outdated"],
    ["then", { validAfter: at - 1, validBefore: at + 1 }, "good"],
  ])("counts where the key does %s", (_, times, verdict) => {
    expect(judge(signatureOf(), [{ ...ada, ...times }]).verdict).toBe(verdict);
  });

  test("counts where one of several lines for the key does", () => {
    const signers = [
      { ...ada, validBefore: at - 1 },
      { ...ada, name: "later", validAfter: at },
    ];
    expect(judge(signatureOf(), signers)).toEqual({ verdict: "good", by: `later (${fingerprint})` });
  });
});

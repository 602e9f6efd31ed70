import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createDeployKey, publicKeyOf } from "./deploy-key.ts";

describe("a deploy key", () => {
  test("is a new one each time, and says whose it is", async () => {
    const [one, two] = [await createDeployKey("mooring@shop"), await createDeployKey("mooring@shop")];
    expect(one.publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43} mooring@shop$/);
    expect(one.identity).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    expect(one.publicKey).not.toBe(two.publicKey);
  });

  test("has the public half that it says", async () => {
    const { identity, publicKey } = await createDeployKey("mooring");
    expect(await publicKeyOf({ identity, password: undefined }, "mooring")).toBe(publicKey);
  });
});

describe("the public half of a private key", () => {
  test("is that of RSA in PEM too", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const identity = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const [type, blob = ""] = (await publicKeyOf({ identity, password: undefined }, "")).split(" ");
    expect(type).toBe("ssh-rsa");
    const { n = "" } = createPublicKey(privateKey).export({ format: "jwk" });
    expect(Buffer.from(blob, "base64").includes(Buffer.from(n, "base64url"))).toBe(true);
  });

  test.each([
    ["no key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"],
    ["nothing", ""],
    ["a public key", "ssh-rsa"],
  ])("of %s is refused, and not repeated", async (_, identity) => {
    const reading = publicKeyOf({ identity, password: undefined }, "");
    await expect(reading).rejects.toMatchObject({
      code: "SourceInvalid",
      message: "the private key under identity cannot be read",
    });
  });
});

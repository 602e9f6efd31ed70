import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isFromSender, largestBody } from "./signature.ts";

const token = "It's a Secret to Everybody";
const body = "Hello, World!";

async function* sent(...pieces: readonly (string | Uint8Array)[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}

describe("who sent a request", () => {
  it("is told by GitHub's own example", async () => {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    expect(await isFromSender({ "x-hub-signature-256": signature }, sent("Hello, ", "World!"), token)).toBe("yes");
    expect(await isFromSender({ "x-hub-signature-256": signature }, sent("Hello, World?"), token)).toBe("no");
    expect(await isFromSender({ "x-hub-signature-256": signature }, sent(body), `${token}.`)).toBe("no");
  });

  const sha256 = createHmac("sha256", token).update(body).digest("hex");
  it.each([
    [{ "x-gitea-signature": sha256 }, "yes"],
    [{ "x-hub-signature": `sha256=${sha256}` }, "yes"],
    [{ "x-signature": `sha256=${sha256}`, "x-gitea-signature": "wrong" }, "yes"],
    [{ "x-signature": sha256 }, "no"],
    [{ "x-signature": `md5=${createHmac("md5", token).update(body).digest("hex")}` }, "no"],
    [{ "x-gitea-signature": "" }, "no"],
    [{ "x-gitea-signature": sha256.slice(0, 32) }, "no"],
    [{ "x-gitlab-token": token }, "yes"],
    [{ "x-gitlab-token": token.slice(1) }, "no"],
    [{ authorization: `Bearer ${token}` }, "no"],
    [{}, "no"],
  ])("%j: %s", async (headers, answer) => {
    expect(await isFromSender(headers, sent(body), token)).toBe(answer);
  });

  it("is not asked of a body beyond all measure", async () => {
    let read = 0;
    const piece = Buffer.alloc(1024 ** 2);
    const endless = async function* () {
      for (;;) {
        read += piece.length;
        yield piece;
      }
    };
    expect(await isFromSender({ "x-gitlab-token": token }, endless(), token)).toBe("tooLarge");
    expect(read).toBeLessThanOrEqual(largestBody + piece.length);
  });
});

import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { textWithin } from "./response-limits.ts";

const server = "https://cluster.example";

test("an answer within its limits is its text", async () => {
  const body = Readable.from([Buffer.from("caf"), Buffer.from([0xc3]), Buffer.from([0xa9])]);
  expect(await textWithin(body, server, { bytes: 5, ms: 60_000 })).toBe("café");
});

test("an answer that never ends is given up, by its size or by its time", async () => {
  const endless = () =>
    Readable.from(
      (async function* drip() {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield Buffer.alloc(1_000);
        }
      })(),
    );
  const large = endless();
  await expect(textWithin(large, server, { bytes: 2 ** 20, ms: 60_000 })).rejects.toMatchObject({
    code: "ClusterUnreachable",
    message: `the API server ${server} answers with more than 1 MiB`,
  });
  expect(large.destroyed).toBe(true);
  const slow = endless();
  await expect(textWithin(slow, server, { bytes: 2 ** 40, ms: 50 })).rejects.toMatchObject({
    code: "ClusterUnreachable",
    message: expect.stringContaining("did not finish its answer"),
  });
  expect(slow.destroyed).toBe(true);
});

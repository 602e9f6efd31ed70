import { expect, test } from "vitest";
import { unreachable } from "./unreachable.ts";

test.each<{ code: string; words: string; again: string }>([
  { code: "ECONNREFUSED", words: "nothing listens there", again: "always" },
  { code: "ENOTFOUND", words: "the name cannot be resolved", again: "always" },
  { code: "UND_ERR_CONNECT_TIMEOUT", words: "no connection can be made", again: "always" },
  { code: "ETIMEDOUT", words: "it did not answer in time", again: "ifRepeatable" },
  { code: "ECONNRESET", words: "the connection broke", again: "ifRepeatable" },
  { code: "UND_ERR_SOCKET", words: "the connection broke", again: "ifRepeatable" },
  { code: "UND_ERR_DESTROYED", words: "the connection was closed by this program", again: "never" },
  { code: "CERT_HAS_EXPIRED", words: "its certificate has expired", again: "never" },
  { code: "ERR_TLS_CERT_ALTNAME_INVALID", words: "its certificate is for another name", again: "never" },
  {
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    words: "its certificate is not signed by the CA of the kubeconfig",
    again: "never",
  },
  { code: "ERR_SSL_WRONG_VERSION_NUMBER", words: "no TLS connection can be negotiated", again: "never" },
])("$code: $words, tried again: $again", ({ code, words, again }) => {
  const told = unreachable(Object.assign(new Error("Bearer s3cret"), { code }), "https://api.example");
  expect(told.failure.message).toBe(`cannot reach the API server https://api.example: ${words} (${code})`);
  expect(told.retry).toBe(again);
});

test("the code may be that of the cause", () => {
  const cause = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  expect(unreachable(new Error("failed", { cause }), "https://api.example").retry).toBe("always");
});

import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  ['{{ b64enc "a" }} {{ b64enc "" }} {{ b64enc "\\xff\\x00" }} {{ b64enc "é" }}', "YQ==  /wA= w6k="],
  ['{{ b64dec "aGk=" }} {{ b64dec "" }}|{{ b64dec "aG\\nk=" }}', "hi |hi"],
  [
    '{{ sha1sum "a" }} {{ sha256sum "" }}',
    "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ],
  ['{{ sha256sum "é" }}', "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"],
];

describe("encodings and digests, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });
});

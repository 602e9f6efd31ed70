import { describe, expect, test } from "vitest";
import { mountPoint } from "./mount-point.ts";

const commit = "1a2b3c4d5e6f708192a3b4c5d6e7f80910213243";
const repository = (url: string, path = "", submodules = true) =>
  mountPoint({ kind: "repository", repository: { url, ref: "main", path, submodules }, commit });

describe("a repository is put", () => {
  test.each([
    ["https://git.example.com/acme/shop.git", "", "git.example.com/acme/shop@1a2b3c4d5e6f", ""],
    ["https://git.example.com/acme/shop", "base", "git.example.com/acme/shop@1a2b3c4d5e6f", "/base"],
    ["https://git.example.com:3000/acme/shop", "/base//web/", "git.example.com/acme/shop@1a2b3c4d5e6f", "/base/web"],
    ["ssh://git@git.example.com/acme/shop.git", "a/../b", "git.example.com/acme/shop@1a2b3c4d5e6f", "/b"],
    ["git@git.example.com:acme/shop.git", "./a/.", "git.example.com/acme/shop@1a2b3c4d5e6f", "/a"],
    ["https://git.example.com/a/../b/./c.git", "..", "git.example.com/b/c@1a2b3c4d5e6f", ""],
  ])("%s and %j", (url, path, at, folder) => {
    expect(repository(url, path)).toEqual({ repository: at, path: `${at}${folder}` });
  });

  test("elsewhere without its submodules", () => {
    expect(repository("https://git.example.com/a", "", false).repository).toBe("git.example.com/a@1a2b3c4d5e6f~");
  });
});

test("a file is put at its address, by its content", () => {
  const file = { content: Buffer.alloc(0), digest: "e3b0c44298fc1c14".padEnd(64, "0"), validators: {} };
  const path = "raw.example.com/acme/web.yaml@e3b0c44298fc";
  const answer = { kind: "file", url: "https://raw.example.com/acme/web.yaml", file } as const;
  expect(mountPoint(answer)).toEqual({ repository: path, path });
});

import { describe, expect, it } from "vitest";
import { elsewhere, remoteRepository } from "./remote.ts";

/** What kustomize 5.8 makes of each, by its documentation and by asking it: clone address, folder, reference. */
const repositories: readonly (readonly [written: string, url: string, path: string, ref: string])[] = [
  ["github.com/acme/shop", "https://github.com/acme/shop", "", ""],
  ["GitHub.com/acme/shop/base?ref=v1", "https://github.com/acme/shop", "base", "v1"],
  ["github.com:acme/shop", "https://github.com/acme/shop", "", ""],
  ["http://github.com/acme/shop.git/base", "https://github.com/acme/shop.git", "base", ""],
  ["git@github.com/acme/shop/base", "git@github.com:acme/shop", "base", ""],
  ["ssh://git@github.com/acme/shop//a/b?ref=v1", "git@github.com:acme/shop", "a/b", "v1"],
  ["git::https://git.example.com/acme/shop", "https://git.example.com/acme/shop", "", ""],
  ["https://git.example.com/acme/shop/base?ref=feature/x", "https://git.example.com/acme/shop", "base", "feature/x"],
  ["https://git.example.com/a/b/c/shop//base", "https://git.example.com/a/b/c/shop", "base", ""],
  ["https://git.example.com/a/b/c/shop.git/base/", "https://git.example.com/a/b/c/shop.git", "base/", ""],
  ["https://dev.example.com/o/p/_git/shop/base?version=v1", "https://dev.example.com/o/p/_git/shop", "base", "v1"],
  [
    "https://dev.example.com/o/p/_git/shop//base?version=v1&ref=v2",
    "https://dev.example.com/o/p/_git/shop",
    "base",
    "v2",
  ],
  ["hTTps://git.example.com/acme/shop", "https://git.example.com/acme/shop", "", ""],
  ["https://user@git.example.com/acme/shop", "https://user@git.example.com/acme/shop", "", ""],
  ["ssh://git.example.com:7999/acme/shop/base", "ssh://git.example.com:7999/acme/shop", "base", ""],
  ["git@git.example.com:acme/deep/shop.git//base?ref=main", "git@git.example.com:acme/deep/shop.git", "base", "main"],
  ["git@git.example.com/user:acme/shop.git/base", "git@git.example.com/user:acme/shop.git", "base", ""],
  ["file:///srv/shop?ref=v1", "file:///srv/shop", "", "v1"],
  ["https://git.example.com/acme/shop/?ref=has_git/in/it", "https://git.example.com/acme/shop", "", "has_git/in/it"],
];

const noRepositories = [
  "../base",
  "/srv/base",
  "src/github.com/acme/shop",
  "base.yaml",
  "gh:acme/shop",
  "htp://github.com/acme/shop",
  "ssh://git.example.com",
  "https://git.example.com?ref=a/b",
  "https://github.com/acme.yaml",
  "https://github.com/acme/shop.git//base/../../outside",
  "git@ssh://github.com/acme/shop.git//base",
  "github.com!acme/shop.git//base",
];

describe("a path in a kustomization", () => {
  it.each(repositories)("%s is a repository", (written, url, path, ref) => {
    expect(remoteRepository(written)).toEqual({ url, path, ref, submodules: true });
  });

  it.each(noRepositories)("%s is none", (written) => {
    expect(remoteRepository(written)).toBeUndefined();
  });

  it.each([
    ["submodules=false", false],
    ["submodules=0", false],
    ["submodules=true", true],
    ["submodules=", true],
    ["submodules=perhaps", true],
    ["submodules=false;x", true],
  ])("with ?%s takes submodules: %s", (query, submodules) => {
    expect(remoteRepository(`https://git.example.com/acme/shop?${query}`)?.submodules).toBe(submodules);
  });

  it("is the URL of a file only where a file is wanted", () => {
    const url = "https://git.example.com/acme/shop/web.yaml";
    expect(elsewhere(url, "any")).toMatchObject({ isUrl: true, repository: { path: "web.yaml" } });
    expect(elsewhere(url, "file")).toEqual({ isUrl: true, repository: undefined });
    expect(elsewhere(url, "folder")).toMatchObject({ isUrl: false, repository: { path: "web.yaml" } });
    expect(elsewhere("git@git.example.com:acme/shop", "file")).toBeUndefined();
  });
});

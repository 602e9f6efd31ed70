import { expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";

test("a name that could not be the value of a label is refused", () => {
  const of = (length: number) =>
    readEnvironment({
      metadata: { name: "e".repeat(length), namespace: "n" },
      spec: { source: { url: "https://git.example.com/a/b.git" } },
    });
  expect(of(63).metadata.name).toHaveLength(63);
  expect(() => of(64)).toThrow("metadata.name: is longer than 63 characters");
});

test("stages of one name are refused: what is planned for one of them would be the other's as well", () => {
  const of = (...names: readonly string[]) =>
    readEnvironment({
      metadata: { name: "e", namespace: "n" },
      spec: { source: { url: "https://git.example.com/a/b.git" }, stages: names.map((name) => ({ name, path: "." })) },
    });
  expect(of("a", "b").spec.stages).toHaveLength(2);
  expect(() => of("a", "b", "a")).toThrow("spec.stages: has two stages named a");
});

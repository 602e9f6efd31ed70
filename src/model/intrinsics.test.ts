import { beforeAll, describe, expect, test } from "vitest";
import { freezeIntrinsics } from "./intrinsics.ts";

beforeAll(freezeIntrinsics);

describe("frozen intrinsics", () => {
  test.each([
    ["objects", Object.prototype],
    ["functions", Function.prototype],
    ["errors", Error.prototype],
    ["lists", Array.prototype],
    ["texts", String.prototype],
    ["maps", Map.prototype],
    ["bytes", Uint8Array.prototype],
    ["the members of Object", Object],
  ])("nothing can be added to what %s inherit", (_, target) => {
    expect(() => Object.assign(target, { polluted: true })).toThrow(TypeError);
    expect(() => Object.assign(target, { constructor: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(target)).toBe(true);
  });

  test("__proto__, constructor and the like are keys like others of an object", () => {
    const object: Record<string, unknown> = {};
    for (const key of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"]) {
      object[key] = key;
    }
    expect(Object.entries(object).flat()).toEqual([
      ...["__proto__", "__proto__", "constructor", "constructor", "prototype", "prototype"],
      ...["toString", "toString", "hasOwnProperty", "hasOwnProperty", "valueOf", "valueOf"],
    ]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  test("what was not meant as a prototype cannot be reached as one", () => {
    const reached: Record<string, unknown> = {};
    expect(Reflect.has(reached, "__proto__")).toBe(false);
    const type: unknown = reached.constructor;
    const prototype = typeof type === "function" ? type.prototype : undefined;
    expect(() => Object.assign(prototype, { polluted: true })).toThrow(TypeError);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("old packages may still make classes and name errors", () => {
    // As Babel and TypeScript wrote classes for many years.
    const Old = new Function(
      "function Old() {} Old.prototype.toString = () => 'old'; Old.toString = () => 'source'; return Old",
    )();
    const error = new Error("first");
    error.name = "Named";
    error.message = "second";
    expect([String(Reflect.construct(Old, [])), String(Old), String(error)]).toEqual([
      "old",
      "source",
      "Named: second",
    ]);
  });
});

import { expect, test } from "vitest";
import { ValueCount } from "./value-count.ts";

test.each([
  ["{}", 2],
  ['{"a":1,"b":[1,2,3]}', 6],
  ['{"a":"[1,2,3]{","b":"\\",[\\\\","c":[]}', 5],
  ['["ä,{"]', 2],
])("%s holds at most %d arrays, objects and members", (text, expected) => {
  const bytes = Buffer.from(text);
  expect(new ValueCount().take(bytes)).toBe(expected);
  const count = new ValueCount();
  let last = 0;
  for (const byte of bytes) last = count.take(Buffer.from([byte]));
  expect(last).toBe(expected);
});

import { expect, test } from "vitest";
import { createMemoryBudget, Reservation } from "./memory-budget.ts";
import { readJson } from "./read-json.ts";
import { ResponseTooLarge } from "./response-limits.ts";

const server = "https://cluster.example";
const cheap = `[${Array(200_000).fill("{}")}]`;

test("an answer has a limit of values, as bytes do not tell what it costs", async () => {
  const reservation = new Reservation(createMemoryBudget(2 ** 40, "it"));
  const thrown = await readJson(cheap, { server, values: 100_000, reservation }).catch((each: unknown) => each);
  expect(thrown).toBeInstanceOf(ResponseTooLarge);
  expect(thrown).toMatchObject({ message: `the API server ${server} answers with more than 100000 values` });
});

test("what an answer holds is counted in the room of its server", async () => {
  const reservation = new Reservation(createMemoryBudget(2 ** 20, "it"));
  await expect(readJson(cheap, { server, values: 1e6, reservation })).rejects.toMatchObject({ code: "ClusterBusy" });
  expect(await readJson('{"a":[]}', { server, values: 10, reservation })).toEqual({ a: [] });
});

test("others have their turn while a long answer is read", async () => {
  const reservation = new Reservation(createMemoryBudget(2 ** 40, "it"));
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await readJson(`[${Array(400_000).fill('{"a":[1,2]}')}]`, { server, values: 1e7, reservation });
  clearImmediate(next);
  expect(turns).toBeGreaterThan(2);
});

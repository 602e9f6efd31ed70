import { expect, test } from "vitest";
import { diskRoom, unlimitedRoom } from "./disk-room.ts";

const mib = 1024 ** 2;

test("what is given back can be taken again", () => {
  const room = diskRoom(10 * mib);
  room.take(6 * mib);
  expect(() => room.take(5 * mib)).toThrow("all repositories together have more than 10 MiB");
  room.take(4 * mib);
  room.give(6 * mib);
  room.take(6 * mib);
  expect(() => room.take(1)).toThrow();
});

test("who is refused has taken nothing, and tries again later", () => {
  const room = diskRoom(mib);
  expect(() => room.take(2 * mib)).toThrow(expect.objectContaining({ code: "SourceUnreachable" }));
  room.take(mib);
});

test("a program for one command takes what it needs", () => {
  expect(() => unlimitedRoom.take(1e15)).not.toThrow();
  unlimitedRoom.give(1e15);
});

import { describe, expect, test } from "vitest";
import { fakeConnection } from "../../../test/cluster/fake-connection.ts";
import { Failure } from "../../model/failure.ts";
import type { ResourceType } from "../cluster.ts";
import { invalidateIfUnknown, rediscoverIfUnknown, type Session, withRediscovery } from "./session.ts";

const { signal } = new AbortController();
const thing: ResourceType = {
  ...{ group: "example.com", version: "v1", kind: "Thing", plural: "things" },
  ...{ namespaced: true, verbs: [] },
};
const ref = { apiVersion: "example.com/v1", kind: "Thing" };
const unknown = new Failure("KindUnknown", { message: "not served" });

/** A session that knew a kind, and what a look at the server says of it now. */
function sessionWith(before: ResourceType | undefined, now: ResourceType | undefined) {
  const asked: string[] = [];
  const session: Session = {
    connection: fakeConnection(() => ({ status: 200, body: {} })),
    defaultNamespace: "default",
    discovery: {
      cached: () => before,
      find: async () => {
        asked.push("find");
        return now;
      },
      all: async () => [],
      invalidate: (group) => void asked.push(`invalidate ${group}`),
    },
  };
  return { session, asked };
}

/** Work that fails the first time. */
function failingOnce(failure: Failure) {
  let tries = 0;
  return async () => {
    tries += 1;
    if (tries === 1) throw failure;
    return `try ${tries}`;
  };
}

// An API server answers 404 for a path that it does not serve: the kind is gone, has moved, or is about to be served.
describe("work on a kind that is not served", () => {
  test.each<readonly [string, ResourceType | undefined, ResourceType | undefined, string]>([
    ["any more", thing, undefined, "KindUnknown"],
    ["and never was", undefined, thing, "KindUnknown"],
    ["at this moment, though listed", thing, thing, "ClusterBusy"],
  ])("%s", async (_, before, now, code) => {
    const { session } = sessionWith(before, now);
    await expect(withRediscovery(session, ref, failingOnce(unknown), signal)).rejects.toMatchObject({ code });
  });

  test.each([
    ["plural", { ...thing, plural: "thingies" }],
    ["scope", { ...thing, namespaced: false }],
  ])("under its old %s is done again", async (_, now) => {
    const { session, asked } = sessionWith(thing, now);
    expect(await withRediscovery(session, ref, failingOnce(unknown), signal)).toBe("try 2");
    expect(asked).toEqual(["invalidate example.com", "find"]);
  });

  test("that fails otherwise is not looked into", async () => {
    const { session, asked } = sessionWith(thing, thing);
    const conflict = new Failure("Conflict", { message: "was changed" });
    await expect(withRediscovery(session, ref, failingOnce(conflict), signal)).rejects.toBe(conflict);
    expect(asked).toEqual([]);
  });
});

describe("a list of a type at hand", () => {
  test.each<readonly [string, ResourceType | undefined, string]>([
    ["that is gone", undefined, "KindUnknown"],
    ["that has another scope by now", { ...thing, namespaced: false }, "KindUnknown"],
    ["that has another plural by now", { ...thing, plural: "thingies" }, "KindUnknown"],
    ["that is listed, and not served at the moment", thing, "ClusterBusy"],
  ])("%s", async (_, now, code) => {
    const { session } = sessionWith(thing, now);
    await expect(rediscoverIfUnknown(session, thing, Promise.reject(unknown), signal)).rejects.toMatchObject({ code });
  });
});

describe("a watch that ends", () => {
  async function* events(failure?: Failure): AsyncGenerator<number> {
    yield 1;
    if (failure !== undefined) throw failure;
  }

  test.each<readonly [string, Failure | undefined, readonly string[]]>([
    ["in order", undefined, []],
    ["as its kind is gone", unknown, ["invalidate example.com"]],
    ["as the connection broke", new Failure("ClusterUnreachable", { message: "broke" }), []],
  ])("%s", async (_, failure, expected) => {
    const { session, asked } = sessionWith(thing, thing);
    const seen: number[] = [];
    const watched = (async () => {
      for await (const event of invalidateIfUnknown(session, thing, events(failure))) seen.push(event);
    })();
    if (failure === undefined) await watched;
    else await expect(watched).rejects.toBe(failure);
    expect([seen, asked]).toEqual([[1], expected]);
  });
});

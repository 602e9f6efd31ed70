import type { Dispatcher } from "undici";
import { expect, test } from "vitest";
import type { ClientCertificate } from "../kubeconfig/credentials.ts";
import { Pools } from "./pools.ts";

/** Pools whose connections end when the test says so. */
function watched() {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const pool = (name: string) => {
    const ended = Promise.withResolvers<void>();
    ends.set(name, ended.resolve);
    const close = () => {
      log.push(`close ${name}`);
      return ended.promise;
    };
    const destroy = async () => void log.push(`destroy ${name}`);
    return { name, close, destroy } as Partial<Dispatcher> as Dispatcher;
  };
  const pools = new Pools((certificate) => {
    const name = certificate?.cert ?? "none";
    return { requests: pool(`requests of ${name}`), unlimited: pool(`unlimited of ${name}`) };
  });
  const current = () => (pools.current.requests as Partial<{ name: string }>).name;
  return { pools, log, ends, current };
}

const certificate = (cert: string, key = "key"): ClientCertificate => ({ cert, key });

test("another certificate has other connections, and those before end with what they carry", () => {
  const { pools, log, current } = watched();
  pools.use(undefined);
  expect([current(), log]).toEqual(["requests of none", []]);
  pools.use(certificate("a"));
  pools.use(certificate("a"));
  expect(current()).toBe("requests of a");
  expect(log.splice(0)).toEqual(["close requests of none", "close unlimited of none"]);
  pools.use(certificate("a", "another key"));
  expect(log.splice(0)).toEqual(["close requests of a", "close unlimited of a"]);
  pools.use(undefined);
  expect(current()).toBe("requests of none");
});

test("the end breaks those that are still closing too, but not those that have closed", async () => {
  const { pools, log, ends } = watched();
  pools.use(certificate("a"));
  ends.get("requests of none")?.();
  await new Promise(setImmediate);
  log.length = 0;
  await pools.close();
  expect(log.toSorted()).toEqual(["destroy requests of a", "destroy unlimited of a", "destroy unlimited of none"]);
});

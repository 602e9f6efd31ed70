import { describe, expect, test } from "vitest";
import { parseRepositoryUrl } from "../url.ts";
import { checkHost, guardedLookup, refusalOf } from "./check.ts";
import { readNamedHost } from "./named-hosts.ts";
import { clusterReach, elsewhereReach, type Network, ownMachine, ownReach, type Reach } from "./reach.ts";

const pod: Network = {
  named: [],
  apiServers: [{ host: "10.96.0.1", port: 443 }],
  near: "private",
  unnamed: "none",
};
const naming = (...hosts: readonly string[]): Network => ({ ...pod, named: hosts.map(readNamedHost) });
const home = parseRepositoryUrl("https://git.example.com:3000/acme/environment");

/** The refusal of an address that was written as a URL writes it, or undefined. */
async function refusal(reach: Reach, host: string, port = 443): Promise<string | undefined> {
  return checkHost(reach, { host, port }).then(
    () => undefined,
    (thrown: Error) => thrown.message,
  );
}

describe("what files name elsewhere", () => {
  test.each([
    ["github.com", 443, ["github.com"]],
    ["GitHub.com.", 443, ["github.com"]],
    ["github.com", 8443, ["github.com"]],
    ["raw.example.org", 443, ["*.example.org"]],
    ["a.b.example.org", 443, ["*.example.org"]],
    ["git.example.org", 3000, ["git.example.org:3000"]],
    ["anything.example", 443, ["*"]],
    ["93.184.215.14", 443, ["*"]],
    ["10.1.2.3", 443, ["10.1.2.3"]],
    ["127.0.0.1", 8080, ["127.0.0.1:8080"]],
    ["127.0.0.1", 8080, ["127.0.0.1:*"]],
    ["2130706433", 8080, ["127.0.0.1:8080"]],
    ["::1", 8080, ["[::1]:8080"]],
    ["10.96.0.1", 443, ["10.96.0.1:443"]],
  ])("may be %s at port %i where %j are named", async (host, port, named) => {
    expect(await refusal(elsewhereReach(naming(...named), undefined), host, port)).toBeUndefined();
  });

  test.each([
    ["github.com", 443, []],
    ["github.com.evil.example", 443, ["github.com"]],
    ["evilgithub.com", 443, ["*.github.com"]],
    ["github.com", 443, ["*.github.com"]],
    ["git.example.org", 443, ["git.example.org:3000"]],
    ["127.0.0.1", 9090, ["127.0.0.1:8080"]],
    ["127.0.0.1", 443, ["*"]],
    ["10.1.2.3", 443, ["*"]],
    ["169.254.169.254", 80, ["*"]],
    ["::ffff:127.0.0.1", 8080, ["*"]],
    ["10.96.0.1", 443, ["*"]],
    ["10.96.0.1", 443, ["10.96.0.1"]],
    ["kubernetes.default.svc", 443, ["*.default.svc", "kubernetes.default.svc", "*"]],
    ["kubernetes.default.svc.cluster.local", 443, ["*.cluster.local"]],
    ["kubernetes", 443, ["kubernetes"]],
  ])("may not be %s at port %i where %j are named", async (host, port, named) => {
    expect(await refusal(elsewhereReach(naming(...named), undefined), host, port)).toMatch(/^not connected to: /);
  });

  test("may be on the host of the repository, for Git alone", async () => {
    const [git, files] = [elsewhereReach(pod, home), elsewhereReach(pod, undefined)];
    for (const port of [3000, 443, 22]) expect(await refusal(git, "git.example.com", port)).toBeUndefined();
    expect(await refusal(git, "git.example.com", 9090)).toContain("git.example.com:9090 is not among the hosts");
    expect(await refusal(git, "other.example.com", 443)).toContain("is not among the hosts");
    expect(await refusal(files, "git.example.com", 3000)).toContain("is not among the hosts");
  });

  test("is no private address because the repository has one", async () => {
    const git = elsewhereReach(pod, parseRepositoryUrl("http://10.1.2.3:3000/a/b"));
    expect(await refusal(git, "10.1.2.3", 3000)).toBeUndefined();
    expect(await refusal(git, "10.1.2.4", 3000)).toBeDefined();
    expect(await refusal(git, "10.1.2.3", 9090)).toBeDefined();
  });

  test("may be any public host on a person's machine", async () => {
    const reach = elsewhereReach(ownMachine, undefined);
    expect(refusalOf(reach, { host: "github.com", port: 443 })).toBeUndefined();
    for (const host of ["127.0.0.1", "10.1.2.3", "169.254.169.254"]) expect(await refusal(reach, host)).toBeDefined();
  });
});

describe("what Environments name as their own", () => {
  test("may be private, and in a cluster neither the Pod nor what is never reached", async () => {
    const reach = ownReach(pod);
    expect(await refusal(reach, "10.1.2.3", 3000)).toBeUndefined();
    expect(await refusal(reach, "127.0.0.1", 8080)).toBe(
      "not connected to: 127.0.0.1 is a loopback address (whoever runs mooring can name hosts and addresses with --remote-host)",
    );
    expect(await refusal(reach, "169.254.169.254", 80)).toContain(
      "169.254.169.254 is the address of a metadata service",
    );
    expect(await refusal(reach, "10.96.0.1", 443)).toContain("10.96.0.1 is the API server");
    expect(await refusal(reach, "::ffff:10.96.0.1", 443)).toContain("is the API server");
    expect(await refusal(reach, "kubernetes.default", 443)).toContain("is the API server");
  });

  test("may be near on a person's machine, and where the address was named", async () => {
    expect(await refusal(ownReach(ownMachine), "127.0.0.1", 3000)).toBeUndefined();
    expect(await refusal(ownReach(ownMachine), "169.254.169.254", 80)).toBeDefined();
    expect(await refusal(ownReach(naming("127.0.0.1:3000")), "127.0.0.1", 3000)).toBeUndefined();
    expect(await refusal(ownReach(naming("127.0.0.1:3000")), "127.0.0.1", 3001)).toBeDefined();
  });

  test("may be the API server as a cluster alone", async () => {
    expect(await refusal(clusterReach(pod), "10.96.0.1", 443)).toBeUndefined();
    expect(await refusal(clusterReach(pod), "kubernetes.default.svc", 443)).toBeUndefined();
    expect(await refusal(clusterReach(pod), "127.0.0.1", 6443)).toBeDefined();
    expect(await refusal(clusterReach(pod), "169.254.169.254", 80)).toBeDefined();
  });
});

/** Resolves as a connection would. */
const resolve = (reach: Reach, host: string, port: number) =>
  new Promise<string | undefined>((done) => {
    guardedLookup(reach, { host, port })(host, { all: true }, (error) => done(error?.message));
  });

test("a name is judged by what it resolves to", async () => {
  expect(await resolve(elsewhereReach(naming("localhost"), undefined), "localhost", 80)).toContain(
    "localhost resolves to a loopback address",
  );
  expect(await resolve(elsewhereReach(naming("*"), undefined), "localhost", 80)).toContain("a loopback address");
  expect(await resolve(ownReach(pod), "localhost", 80)).toContain("a loopback address");
  expect(await resolve(ownReach(ownMachine), "localhost", 80)).toBeUndefined();
});

test("spellings that only the resolver knows are judged by it", async () => {
  for (const host of ["2130706433", "0x7f.1"]) {
    expect(await resolve(ownReach(pod), host, 80)).toMatch(/is a loopback address|resolves to a loopback address/);
  }
});

test.each([
  "https://github.com",
  "github.com/acme",
  "a b",
  "",
  "*.*",
  "*.10.0.0.1",
  "git.example.com:0",
  "git:99999",
  "*:80",
  "u@host",
])("--remote-host %j is refused", (text) => {
  expect(() => readNamedHost(text)).toThrow(/is not a host/);
});

import { symlink } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { FileTree } from "../../src/model/file-tree.ts";
import { type RemoteReference, type RemoteRole, remoteKey } from "../../src/model/remote.ts";
import { isResources, memoryTree } from "../../src/render/index.ts";
import { remoteRepository } from "../../src/render/load/remote.ts";
import {
  createGatherer,
  createSourcePool,
  type Gathered,
  type Network,
  ownMachine,
  readNamedHost,
} from "../../src/source/index.ts";
import { type GitServer, startGitServer } from "../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import { failureOf, textAt } from "./expectations.ts";
import { type Front, startFront } from "./transport/front.ts";

const never = new AbortController().signal;
const always = 3_600_000;
const login = { username: "git", password: "correct-horse" };
const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

/** A reference as it would stand in a kustomization. */
function named(text: string, role: RemoteRole = "any"): RemoteReference {
  const repository = role === "file" ? undefined : remoteRepository(text);
  const place = { file: "app/kustomization.yaml", line: 3, column: 1, field: "resources[0]", chain: [] };
  return { text, role, isUrl: role !== "folder" && text.startsWith("http"), repository, place };
}

describe("what kustomizations name elsewhere", () => {
  let home: GitServer;
  let elsewhere: GitServer;
  let near: Front;
  let far: Front;
  let work: WorkTree;
  let away = false;

  beforeAll(async () => {
    home = await startGitServer(login);
    elsewhere = await startGitServer();
    near = await startFront(home.url, () => false);
    far = await startFront(elsewhere.url, (_, response) => {
      if (away) response.writeHead(503).end();
      return away;
    });
    for (const server of [home, elsewhere]) await server.createRepo("acme/base");
    work = await createWorkTree(elsewhere.pushUrl("acme/base"));
    await work.commit({ "app/c.yaml": "one" }, "One");
    await using own = await createWorkTree(home.pushUrl("acme/base"));
    await own.commit({ "app/c.yaml": "home" }, "Home");
  });
  afterAll(async () => {
    await work?.remove();
    await Promise.all([near?.stop(), far?.stop()]);
    await Promise.all([home?.stop(), elsewhere?.stop()]);
  });

  /** What the operator of an agent in this network said: that the far server may be reached. */
  const naming = (...hosts: readonly string[]): Network => ({
    ...ownMachine,
    unnamed: "none",
    named: [new URL(far.url).host, ...hosts].map(readNamedHost),
  });

  /** Gathers these references, again and again. */
  function gatherer(references: readonly RemoteReference[], allowed = true, network = naming()) {
    const options = { userAgent: "mooring/test", network };
    const pool = createSourcePool(options);
    const environment = { url: `${near.url}/acme/environment.git`, credentials: login };
    const made = createGatherer(pool, { ...options, home: environment, allowed });
    onTestFinished(async () => {
      await made.close();
      await pool.close();
    });
    const find = async () => references;
    return (maxAgeMs = 0) => made.gather(memoryTree({}), { find, isResources }, maxAgeMs, never);
  }
  const placeOf = ({ remotes }: Gathered, reference: RemoteReference) => remotes.get(remoteKey(reference))?.path ?? "";
  const requestsTo = async (front: Front, act: () => Promise<unknown>): Promise<readonly IncomingMessage[]> => {
    const before = front.requests.length;
    await act();
    return front.requests.slice(before);
  };

  it("are reached with the credentials of the environment on its own host only", async () => {
    const [own, other] = [named(`${near.url}/acme/base//app`, "folder"), named(`${far.url}/acme/base//app`, "folder")];
    const gather = gatherer([own, other]);
    const sent = { near: near.requests.length, far: far.requests.length };
    const gathered = await gather();
    expect(await textAt(gathered.tree, `${placeOf(gathered, own)}/c.yaml`)).toBe("home");
    expect(await textAt(gathered.tree, `${placeOf(gathered, other)}/c.yaml`)).toBe("one");
    const basic = `Basic ${Buffer.from("git:correct-horse").toString("base64")}`;
    expect(new Set(near.requests.slice(sent.near).map(({ headers }) => headers.authorization))).toEqual(
      new Set([basic]),
    );
    expect(new Set(far.requests.slice(sent.far).map(({ headers }) => headers.authorization))).toEqual(
      new Set([undefined]),
    );
  });

  it("are asked for again when they can move and were asked for long ago", async () => {
    const sha = await work.git("rev-parse", "HEAD");
    const pinned = gatherer([named(`${far.url}/acme/base//app?ref=${sha}`, "folder")]);
    const floating = gatherer([named(`${far.url}/acme/base//app?ref=main`, "folder")]);
    expect((await pinned()).bases).toBeUndefined();
    const { bases } = await floating();
    expect(bases).toMatch(/^[0-9a-f]{12}$/);
    await work.commit({ "app/c.yaml": "two" }, "Two");
    expect(await requestsTo(far, () => pinned())).toEqual([]);
    expect(await requestsTo(far, () => floating(always))).toEqual([]);
    expect((await floating(always)).bases).toBe(bases);
    expect((await floating()).bases).not.toBe(bases);
  });

  it("stay what they were while they cannot be asked for, and are an error where they never could", async () => {
    const reference = named(`${far.url}/acme/base//app?ref=main`, "folder");
    const gather = gatherer([reference]);
    const before = await gather();
    away = true;
    onTestFinished(() => {
      away = false;
    });
    const after = await gather();
    expect(after.bases).toBe(before.bases);
    expect(after.failure?.code).toBe("SourceUnreachable");
    expect((await gather(always)).failure?.code).toBe("SourceUnreachable");
    const failure = await failureOf(gatherer([reference])());
    expect(failure.code).toBe("SourceUnreachable");
    expect(failure.message).toBe(
      `app/kustomization.yaml:3:1: resources[0]: cannot fetch ${far.url}/acme/base//app?ref=main: ${far.url}/acme/base answers with status 503`,
    );
    away = false;
    expect((await gather()).failure).toBeUndefined();
  });

  it("are refused by name where they are not allowed, without what is secret in the name", async () => {
    const url = far.url.replace("//", "//user:hunter2@");
    const failure = await failureOf(gatherer([named(`${url}/acme/base//app?ref=main&token=hunter2`)], false)());
    expect(failure.code).toBe("KustomizationInvalid");
    expect(failure.message).toContain(`${far.url}/acme/base//app?ref=main is not in the repository`);
    expect(failure.message).not.toContain("hunter2");
  });

  it("are refused with a password in the URL, which is not told", async () => {
    const url = far.url.replace("//", "//user:hunter2@");
    for (const text of [`${url}/acme/base//app`, `${url}/files/a.yaml`]) {
      const failure = await failureOf(gatherer([named(text)])());
      expect(failure.code).toBe("SourceInvalid");
      expect(failure.message).toContain("holds a password");
      expect(failure.message).not.toContain("hunter2");
    }
  });

  it("are refused by name where nobody named their host, of Git too", async () => {
    const failure = await failureOf(gatherer([named(`${far.url}/acme/base//app`)], true, { ...naming(), named: [] })());
    expect(failure.code).toBe("KustomizationInvalid");
    expect(failure.message).toContain("is not among the hosts that something may be taken from");
    expect(failure.message).toContain("--remote-host");
  });

  it("lead to no other host by a redirect of Git", async () => {
    const moved = await startFront(elsewhere.url, (request, response) => {
      response.writeHead(301, { location: `${near.url}${request.url}` }).end();
      return true;
    });
    onTestFinished(() => moved.stop());
    const other = await startFront(elsewhere.url, (request, response) => {
      response.writeHead(301, { location: `http://localhost:1${request.url}` }).end();
      return true;
    });
    onTestFinished(() => other.stop());
    const network = naming(new URL(moved.url).host, new URL(other.url).host, "localhost");
    const got = await requestsTo(near, async () => {
      const reference = named(`${moved.url}/acme/base//app`, "folder");
      expect(await failureOf(gatherer([reference], true, network)())).toMatchObject({ code: "SourceDenied" });
    });
    // The repository's own host is within reach of Git, but what leads there brings no credentials.
    expect(got.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const failure = await failureOf(gatherer([named(`${other.url}/acme/base//app`, "folder")], true, network)());
    expect(failure.message).toContain("localhost resolves to a loopback address");
  });

  it("are refused when there are too many", async () => {
    const many = Array.from({ length: 101 }, (_, n) => named(`${far.url}/acme/base//app?x=${n}`));
    expect(await failureOf(gatherer(many)())).toMatchObject({ code: "InputTooLarge" });
  });

  it("lead nowhere outside their repository", async () => {
    const hostile: FileTree = memoryTree({ "secret.yaml": "top" });
    await using linked = await createWorkTree(
      await elsewhere.createRepo("acme/linked").then(() => elsewhere.pushUrl("acme/linked")),
    );
    await linked.commit({ "app/inside.yaml": "inside" }, "Files");
    await symlink("inside.yaml", `${linked.dir}/app/fine`);
    await symlink("../../../../../secret.yaml", `${linked.dir}/app/out`);
    await linked.commit({}, "Links");
    const options = { userAgent: "mooring/test", network: naming() };
    const pool = createSourcePool(options);
    onTestFinished(() => pool.close());
    const reference = named(`${far.url}/acme/linked//app`, "folder");
    const environment = { url: `${near.url}/acme/environment.git`, credentials: login };
    const made = createGatherer(pool, { ...options, home: environment, allowed: true });
    onTestFinished(() => made.close());
    const gathered = await made.gather(hostile, { find: async () => [reference], isResources }, 0, never);
    const place = placeOf(gathered, reference);
    expect(await textAt(gathered.tree, `${place}/fine`)).toBe("inside.yaml");
    expect(await failureOf(gathered.tree.read(`${place}/out`))).toMatchObject({ code: "PathEscapes" });
    expect(await textAt(gathered.tree, "secret.yaml")).toBe("top");
  });

  describe("as files", () => {
    let server: Server;
    let url: string;
    const requests: IncomingMessage[] = [];
    const redirectOf = (path: string) => {
      if (path === "/away") return `${near.url}/file`;
      if (path.startsWith("/to/")) return decodeURIComponent(path.slice(4));
      return path === "/circle" ? path : undefined;
    };

    beforeAll(async () => {
      server = createServer((request, response) => {
        requests.push(request);
        const to = redirectOf(request.url ?? "");
        if (to !== undefined) response.writeHead(302, { location: to }).end();
        else if (request.url === "/large") response.end(Buffer.alloc(17 * 1024 ** 2));
        else if (request.headers["if-none-match"] === '"1"') response.writeHead(304).end();
        else response.writeHead(200, { etag: '"1"' }).end(configMap);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => server?.close());

    const host = () => new URL(url).host;
    const refusal = async (text: string, ...hosts: readonly string[]) =>
      failureOf(gatherer([named(text, "file")], true, naming(...hosts))());

    it("are not sent again when they are the same", async () => {
      const reference = named(`${url}/file`, "file");
      const gather = gatherer([reference], true, naming(host()));
      const first = await gather();
      expect(await textAt(first.tree, placeOf(first, reference))).toBe(configMap);
      const second = await gather();
      expect(requests.at(-1)?.headers["if-none-match"]).toBe('"1"');
      expect(second.bases).toBe(first.bases);
      expect(await textAt(second.tree, placeOf(second, reference))).toBe(configMap);
      expect(requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    });

    it.each([
      ["/large", "InputTooLarge"],
      ["/circle", "SourceInvalid"],
      // Where it leads is the repository's own host, but this is not Git.
      ["/away", "SourceDenied"],
    ])("are refused: %s", async (path, code) => {
      expect(await refusal(url + path, host())).toMatchObject({ code });
    });

    it("get no credentials, on the host of the repository neither", async () => {
      const requests = await requestsTo(near, () => refusal(`${near.url}/file`, new URL(near.url).host));
      expect(requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    });

    it("are not taken from the host of the repository, or from any other, where it was not named", async () => {
      for (const text of [`${near.url}/file`, `${url}/file`, "http://169.254.169.254/latest/meta-data/"]) {
        const failure = await refusal(text);
        expect(failure.code).toBe("KustomizationInvalid");
        expect(failure.message).toMatch(/^app\/kustomization.yaml:3:1: .* is not among the hosts/);
      }
    });

    it.each([
      ["another port", () => near.url],
      ["a name of loopback", () => `http://localhost:${new URL(url).port}`],
      ["IPv6", () => "http://[::1]:1"],
      ["IPv4 in IPv6", () => `http://[::ffff:127.0.0.1]:${new URL(near.url).port}`],
      ["a decimal number", () => `http://2130706433:${new URL(near.url).port}`],
      ["an octal number", () => `http://0177.0.0.1:${new URL(near.url).port}`],
      ["no address", () => `http://0.0.0.0:${new URL(url).port}`],
      ["a metadata service", () => "http://169.254.169.254/"],
    ])("lead to nowhere else by a redirect: %s", async (_, to) => {
      const before = near.requests.length;
      const failure = await refusal(`${url}/to/${encodeURIComponent(to())}`, host(), "localhost", "*");
      expect(failure.code).toBe("SourceDenied");
      expect(failure.message).toMatch(/not connected to: /);
      expect(near.requests.length).toBe(before);
    });

    it("are followed to a host that was named", async () => {
      const reference = named(`${url}/to/${encodeURIComponent("/file")}`, "file");
      const gathered = await gatherer([reference], true, naming(host()))();
      expect(await textAt(gathered.tree, placeOf(gathered, reference))).toBe(configMap);
    });
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Credentials, createSource, type Network, openRemote } from "../../../src/source/index.ts";
import { git } from "../../support/git/git-command.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { failureOf, textAt } from "../expectations.ts";
import { type SshServer, startSshServer } from "./ssh-server.ts";

const run = promisify(execFile);
const never = new AbortController().signal;

/** A network as an agent in a cluster sees it. */
const pod: Network = { named: [], apiServers: [], near: "private", unnamed: "none" };

interface KeyPair {
  readonly file: string;
  readonly secret: string;
  readonly shared: string;
}

describe("a repository over SSH", () => {
  let directory: string;
  let repository: string;
  let work: WorkTree;
  let host: KeyPair;
  let user: KeyPair;
  let server: SshServer;

  const keygen = async (name: string, ...options: readonly string[]): Promise<KeyPair> => {
    const file = join(directory, name);
    // On a second try it is there already, and ssh-keygen would ask before it writes over it.
    await Promise.all([rm(file, { force: true }), rm(`${file}.pub`, { force: true })]);
    await run("ssh-keygen", ["-q", "-N", "", "-C", name, "-f", file, ...options]);
    return { file, secret: await readFile(file, "utf8"), shared: await readFile(`${file}.pub`, "utf8") };
  };
  const fingerprintOf = async (key: KeyPair) =>
    (await run("ssh-keygen", ["-lf", `${key.file}.pub`])).stdout.split(" ")[1];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-ssh-test-"));
    repository = join(directory, "it's an environment!.git");
    await git(directory, "init", "-q", "--bare", repository);
    work = await createWorkTree(repository);
    host = await keygen("host", "-t", "ed25519");
    user = await keygen("user", "-t", "ed25519");
    server = await startSshServer({ hostKeys: [host.secret], authorized: user.shared, acceptEnv: true });
  });
  afterAll(async () => {
    await server.stop();
    await work.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const knownHosts = (port: number, key: KeyPair): string => `[127.0.0.1]:${port} ${key.shared}`;
  const open = (credentials: Credentials, { port } = server) => {
    const url = `ssh://git@127.0.0.1:${port}${encodeURI(repository)}`;
    const source = createSource(url, credentials, { userAgent: "mooring/test", timeoutMs: 10_000 });
    onTestFinished(() => source.close());
    return source;
  };
  const trusting = (key: KeyPair = user): Credentials => ({
    identity: key.secret,
    knownHosts: knownHosts(server.port, host),
  });

  it.each([
    ["127.0.0.1", "127.0.0.1 is a loopback address"],
    ["localhost", "localhost resolves to a loopback address"],
    ["[::1]", "::1 is a loopback address"],
    ["0x7f.1", "0x7f.1 is a loopback address"],
    ["169.254.169.254", "169.254.169.254 is the address of a metadata service"],
  ])("is not connected to out of reach: %s", async (name, why) => {
    const url = `ssh://git@${name}:${server.port}${encodeURI(repository)}`;
    const source = createSource(url, trusting(), { userAgent: "mooring/test", network: pod });
    onTestFinished(() => source.close());
    const failure = await failureOf(source.fetch({ branch: "main" }, never));
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain(`not connected to: ${why}`);
  });

  it("takes pushes as well", async () => {
    const sha = await work.commit({ "app/web.yaml": "kind: Service\n" }, "Pushed");
    const url = `ssh://git@127.0.0.1:${server.port}${encodeURI(repository)}`;
    const remote = openRemote(url, trusting(), { userAgent: "mooring/test" });
    onTestFinished(() => remote.close());
    const author = { name: "Mooring", email: "mooring@example.com" };
    const draft = { filesOf: sha, parent: sha, author, date: new Date(0), message: "Again" };
    const commit = await remote.commitTree(draft, never);
    expect(await remote.pushRef({ branch: "again", from: undefined, to: commit }, never)).toEqual({ type: "pushed" });
    expect(await work.git("ls-remote", "origin", "refs/heads/again")).toContain(commit.oid);
    const stale = await remote.pushRef({ branch: "again", from: sha, to: undefined }, never);
    expect(stale).toMatchObject({ type: "refused", reason: "moved" });
  });

  it.each([true, false])(
    "is fetched, and polled by one command on the same connection (version 2: %s)",
    async (acceptEnv) => {
      const own = await startSshServer({ hostKeys: [host.secret], authorized: user.shared, acceptEnv });
      onTestFinished(() => own.stop());
      const sha = await work.commit({ "app/web.yaml": "kind: Service\n" }, "First");
      const source = open({ identity: user.secret, knownHosts: knownHosts(own.port, host) }, own);
      const { revision, tree } = await source.fetch({ branch: "main" }, never);
      expect(revision.commit).toBe(sha);
      expect(await textAt(tree, "app/web.yaml")).toBe("kind: Service\n");
      const before = own.commands.length;
      await source.fetch({ branch: "main" }, never);
      expect(own.commands.length - before).toBe(1);
      expect(own.connections()).toBe(1);
      const next = await work.commit({ "app/web.yaml": "kind: Deployment\n" }, "Second");
      const second = await source.fetch({ branch: "main" }, never);
      expect(second.revision.commit).toBe(next);
      expect(await textAt(second.tree, "app/web.yaml")).toBe("kind: Deployment\n");
    },
  );

  it.each([true, false])("leaves no command running on the server (version 2: %s)", async (acceptEnv) => {
    const own = await startSshServer({ hostKeys: [host.secret], authorized: user.shared, acceptEnv });
    onTestFinished(() => own.stop());
    const source = open({ identity: user.secret, knownHosts: knownHosts(own.port, host) }, own);
    for (let polls = 0; polls < 3; polls++) await source.fetch({ branch: "main" }, never);
    await eventually(async () => own.running() === 0, { what: "the end of every command" });
    expect(own.connections()).toBe(1);
  });

  it.each([
    ["RSA", ["-t", "rsa", "-b", "2048"]],
    ["ECDSA", ["-t", "ecdsa", "-b", "256"]],
    ["RSA in PEM", ["-t", "rsa", "-b", "2048", "-m", "PEM"]],
  ])("takes a key of %s", async (name, options) => {
    const key = await keygen(name.replaceAll(" ", "-"), ...options);
    const own = await startSshServer({ hostKeys: [host.secret], authorized: key.shared, acceptEnv: true });
    onTestFinished(() => own.stop());
    const source = open({ identity: key.secret, knownHosts: knownHosts(own.port, host) }, own);
    expect((await source.fetch({}, never)).revision.ref).toBe("main");
  });

  it("takes a key with a passphrase, and says when it does not fit", async () => {
    const key = await keygen("locked", "-t", "ed25519");
    await run("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", key.file]);
    const own = await startSshServer({ hostKeys: [host.secret], authorized: key.shared, acceptEnv: true });
    onTestFinished(() => own.stop());
    const locked: Credentials = {
      identity: await readFile(key.file, "utf8"),
      knownHosts: knownHosts(own.port, host),
    };
    const unlocked = await open({ ...locked, identityPassphrase: "open sesame" }, own).fetch({}, never);
    expect(unlocked.revision.ref).toBe("main");
    for (const wrong of [locked, { ...locked, identityPassphrase: "open caraway" }]) {
      const failure = await failureOf(open(wrong, own).fetch({}, never));
      expect(failure.code).toBe("SourceInvalid");
      expect(failure.message).toContain("it is encrypted, and the password in the Secret is missing or does not fit");
    }
  });

  it("refuses a host that is not known, and tells its fingerprint", async () => {
    const failure = await failureOf(
      open({ ...trusting(), knownHosts: "other.example.com ssh-ed25519 AAAA" }).fetch({}, never),
    );
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain("127.0.0.1 is not in known_hosts");
    expect(failure.message).toContain(`ssh-ed25519 ${await fingerprintOf(host)}`);
  });

  it("refuses a host whose key has changed, and tells both", async () => {
    const before = await keygen("before", "-t", "ed25519");
    const failure = await failureOf(
      open({ ...trusting(), knownHosts: knownHosts(server.port, before) }).fetch({}, never),
    );
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain(
      `${await fingerprintOf(host)} (known are ssh-ed25519 ${await fingerprintOf(before)};`,
    );
  });

  it("refuses a key that is revoked", async () => {
    const revoked = `${knownHosts(server.port, host)}\n@revoked ${knownHosts(server.port, host)}`;
    const failure = await failureOf(open({ ...trusting(), knownHosts: revoked }).fetch({}, never));
    expect(failure.message).toContain("known_hosts revokes");
  });

  it("finds the host in lines that ssh-keygen has hashed", async () => {
    const file = join(directory, "known_hosts");
    await run("sh", [
      "-c",
      'printf "%s" "$1" > "$2" && ssh-keygen -q -H -f "$2"',
      "-",
      knownHosts(server.port, host),
      file,
    ]);
    const hashed = await readFile(file, "utf8");
    expect(hashed).not.toContain("127.0.0.1");
    expect((await open({ ...trusting(), knownHosts: hashed }).fetch({}, never)).revision.ref).toBe("main");
  });

  it("asks a host with several keys for the one that is known", async () => {
    const rsa = await keygen("host-rsa", "-t", "rsa", "-b", "2048");
    const own = await startSshServer({
      hostKeys: [host.secret, rsa.secret],
      authorized: user.shared,
      acceptEnv: true,
    });
    onTestFinished(() => own.stop());
    const source = open({ identity: user.secret, knownHosts: knownHosts(own.port, rsa) }, own);
    expect((await source.fetch({}, never)).revision.ref).toBe("main");
  });

  it("is denied with another key, and tells its fingerprint", async () => {
    const stranger = await keygen("stranger", "-t", "ed25519");
    const failure = await failureOf(open(trusting(stranger)).fetch({}, never));
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain(`127.0.0.1 does not accept the key ${await fingerprintOf(stranger)} for git`);
  });

  it("says what the server says of a repository that is not there", async () => {
    const source = createSource(`ssh://git@127.0.0.1:${server.port}/no/such.git`, trusting(), { userAgent: "test" });
    onTestFinished(() => source.close());
    const failure = await failureOf(source.fetch({}, never));
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toMatch(/there is no repository at ssh:.*fatal: '\/no\/such.git' does not appear to be/);
  });

  it("wants a Secret with both", async () => {
    const failure = await failureOf(open({}).fetch({}, never));
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toContain("put them under identity and known_hosts");
  });

  it("does not mind a connection that broke, and makes another", async () => {
    const own = await startSshServer({ hostKeys: [host.secret], authorized: user.shared, acceptEnv: true });
    onTestFinished(() => own.stop());
    const source = open({ identity: user.secret, knownHosts: knownHosts(own.port, host) }, own);
    await source.fetch({}, never);
    own.disconnect();
    await eventually(() => source.fetch({}, never).then(({ revision }) => revision.ref === "main"), {
      what: "another connection",
    });
    expect(own.connections()).toBe(2);
  });

  it("ends at once when it is interrupted", async () => {
    const { port } = server;
    const source = createSource(`ssh://git@127.0.0.1:${port}${encodeURI(repository)}`, trusting(), {
      userAgent: "test",
    });
    onTestFinished(() => source.close());
    expect((await failureOf(source.fetch({}, AbortSignal.abort()))).code).toBe("Interrupted");
    const soon = new AbortController();
    const fetching = failureOf(source.fetch({}, soon.signal));
    soon.abort();
    expect((await fetching).code).toBe("Interrupted");
  });

  it("says that nobody listens", async () => {
    const gone = await startSshServer({ hostKeys: [host.secret], authorized: user.shared, acceptEnv: true });
    await gone.stop();
    const failure = await failureOf(open(trusting(), gone).fetch({}, never));
    expect(failure.code).toBe("SourceUnreachable");
    expect(failure.message).toContain("ECONNREFUSED");
  });
});

import { generateKeyPairSync, verify } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  anonymous,
  type Credentials,
  createSource,
  type Network,
  ownMachine,
  type SourceOptions,
} from "../../../src/source/index.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree } from "../../support/git/work-tree.ts";
import { failureOf, textAt } from "../expectations.ts";
import { createAuthority } from "./certificates.ts";
import { type Front, type Intercept, startFront } from "./front.ts";

const never = new AbortController().signal;
const login = { username: "git", password: "correct-horse" };
/** A network as an agent in a cluster sees it. */
const pod: Network = { ...ownMachine, near: "private" };

describe("how a repository is reached over HTTP", () => {
  let open: GitServer;
  let closed: GitServer;
  let sha: string;

  beforeAll(async () => {
    open = await startGitServer({ allowAnySha1InWant: false });
    closed = await startGitServer(login);
    await closed.createRepo("environment");
    await using work = await createWorkTree(await open.createRepo("environment"));
    sha = await work.commit({ "app/web.yaml": "kind: Service\n" }, "First");
    await work.git("push", "-q", closed.pushUrl("environment"), "HEAD");
  });
  afterAll(() => Promise.all([open.stop(), closed.stop()]));

  const front = async (upstream: GitServer, intercept: Intercept = () => false): Promise<Front> => {
    const started = await startFront(upstream.url, intercept);
    onTestFinished(() => started.stop());
    return started;
  };
  const fetchFrom = (base: string, credentials: Credentials = anonymous, options: Partial<SourceOptions> = {}) => {
    const source = createSource(`${base}/environment.git`, credentials, { userAgent: "mooring/test", ...options });
    onTestFinished(() => source.close());
    return source.fetch({ branch: "main" }, never);
  };

  it("speaks to servers from before protocol version 2, one request when nothing is new", async () => {
    const old = await front(open, (request) => {
      delete request.headers["git-protocol"];
      return false;
    });
    const source = createSource(`${old.url}/environment.git`, anonymous, { userAgent: "mooring/test" });
    onTestFinished(() => source.close());
    const { tree, revision } = await source.fetch({ branch: "main" }, never);
    expect(revision.commit).toBe(sha);
    expect(await textAt(tree, "app/web.yaml")).toBe("kind: Service\n");
    expect(old.requests.map(({ method }) => method)).toEqual(["GET", "POST"]);
    await source.fetch({ branch: "main" }, never);
    expect(old.requests.slice(2).map(({ method }) => method)).toEqual(["GET"]);
  });

  it("sends user and password with the first request", async () => {
    const { revision } = await fetchFrom(closed.url, login);
    expect(revision.commit).toBe(sha);
  });

  it("sends a token, and says who it is", async () => {
    const seen = await front(open);
    await fetchFrom(seen.url, { bearerToken: "t0ken" });
    expect(seen.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill("Bearer t0ken"));
    expect(seen.requests.map(({ headers }) => headers["user-agent"])).toEqual(Array(3).fill("mooring/test"));
  });

  it.each([
    ["a wrong password", { ...login, password: "wrong-horse" }],
    ["no credentials", anonymous],
  ])("is denied with %s, and does not tell it", async (_, credentials) => {
    const failure = await failureOf(fetchFrom(closed.url, credentials));
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain(`${closed.url}/environment.git does not accept the credentials (401)`);
    expect(failure.message).not.toContain("horse");
  });

  it.each([
    [403, "SourceDenied", /refuses access \(403\)/],
    [404, "SourceInvalid", /there is no repository at http/],
    [429, "SourceUnreachable", /status 429/],
    [500, "SourceUnreachable", /status 500/],
    [503, "SourceUnreachable", /status 503/],
    [418, "SourceInvalid", /status 418/],
  ])("takes status %i for %s", async (status, code, message) => {
    const broken = await front(open, (_, response) => {
      response.writeHead(status).end("<html>secret of the server</html>");
      return true;
    });
    const failure = await failureOf(fetchFrom(broken.url));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain("secret of the server");
  });

  it("takes a web page for no Git repository", async () => {
    const page = await front(open, (_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<html></html>");
      return true;
    });
    const failure = await failureOf(fetchFrom(page.url));
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toContain("answers, but not as a Git repository");
  });

  it("says that nobody listens", async () => {
    const gone = await startFront(open.url, () => false);
    await gone.stop();
    const failure = await failureOf(fetchFrom(gone.url));
    expect(failure.code).toBe("SourceUnreachable");
    expect(failure.message).toMatch(/connect ECONNREFUSED .* \(nothing listens there; check host and port\)$/);
  });

  it.each(["info/refs", "git-upload-pack"])("gives up a server that falls silent at %s", async (part) => {
    const silent = await front(open, (request) => (request.url ?? "").includes(part));
    const failure = await failureOf(fetchFrom(silent.url, anonymous, { timeoutMs: 300 }));
    expect(failure.code).toBe("SourceUnreachable");
    expect(failure.message).toContain("did not answer in full within 0.3 seconds");
  });

  it("ends at once when it is interrupted, and goes on for the others", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = await startFront(open.url, () => false);
    const held = await front(open, (request, response) => {
      void gate.promise.then(() => response.writeHead(307, { location: `${slow.url}${request.url}` }).end());
      return true;
    });
    onTestFinished(() => slow.stop());
    const source = createSource(`${held.url}/environment.git`, anonymous, { userAgent: "mooring/test" });
    onTestFinished(() => source.close());
    const impatient = new AbortController();
    const [first, second] = [
      source.fetch({ branch: "main" }, impatient.signal),
      source.fetch({ branch: "main" }, never),
    ];
    impatient.abort();
    expect((await failureOf(first)).code).toBe("Interrupted");
    gate.resolve();
    expect((await second).revision.commit).toBe(sha);
  });

  it("notices a pack that was cut short or damaged on its way, and takes the next one", async () => {
    let cut = true;
    const lossy = await front(open, (request, response) => {
      if (!cut || request.method !== "POST") return false;
      const write = response.write.bind(response);
      response.write = ((piece: Buffer) => {
        if (response.writableEnded) return true;
        const start = piece.indexOf("PACK");
        return start < 0 ? write(piece) : response.end(piece.subarray(0, start + 40)).writable;
      }) as typeof response.write;
      return false;
    });
    const source = createSource(`${lossy.url}/environment.git`, anonymous, { userAgent: "mooring/test" });
    onTestFinished(() => source.close());
    expect((await failureOf(source.fetch({ branch: "main" }, never))).code).toMatch(/^Source(Invalid|Unreachable)$/);
    cut = false;
    expect((await source.fetch({ branch: "main" }, never)).revision.commit).toBe(sha);
  });

  it("follows a redirect, for good, and takes no credentials along to another server", async () => {
    const target = await front(open);
    const moved = await front(open, (request, response) => {
      response.writeHead(301, { location: `${target.url}${request.url}` }).end();
      return true;
    });
    const source = createSource(`${moved.url}/environment.git`, login, { userAgent: "mooring/test" });
    onTestFinished(() => source.close());
    await source.fetch({ branch: "main" }, never);
    await source.fetch({ branch: "main" }, never);
    expect(moved.requests.length).toBe(1);
    expect(moved.requests[0]?.headers.authorization).toMatch(/^Basic /);
    expect(target.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });

  it("ends a circle of redirects", async () => {
    const circle = await front(open, (request, response) => {
      response.writeHead(302, { location: request.url }).end();
      return true;
    });
    const failure = await failureOf(fetchFrom(circle.url));
    expect(failure.message).toContain("status 302");
    expect(circle.requests.length).toBe(6);
  });

  it("goes through the proxy that the environment names", async () => {
    const asked: string[] = [];
    const proxy = await front(open, (request) => {
      asked.push(request.url ?? "");
      return false;
    });
    vi.stubEnv("http_proxy", proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { revision } = await fetchFrom("http://git.example.test");
    expect(revision.commit).toBe(sha);
    expect(asked[0]).toMatch(/^http:\/\/git.example.test\/environment.git\/info\/refs/);
  });

  it("asks no proxy for what is out of reach", async () => {
    const proxy = await front(open);
    vi.stubEnv("http_proxy", proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const host of ["169.254.169.254", "[::ffff:169.254.169.254]", "0xa9fea9fe"]) {
      const failure = await failureOf(fetchFrom(`http://${host}`));
      expect(failure).toMatchObject({ code: "SourceDenied" });
      expect(failure.message).toContain("is the address of a metadata service");
    }
    const named = await failureOf(fetchFrom("http://localhost:1", anonymous, { network: pod }));
    expect(named.message).toContain("localhost resolves to a loopback address");
    expect(proxy.requests).toEqual([]);
  });

  it("goes through no proxy that is out of reach itself", async () => {
    const proxy = await front(open);
    for (const at of [proxy.url, proxy.url.replace("127.0.0.1", "localhost")]) {
      const failure = await failureOf(fetchFrom("http://git.example.test", { proxy: at }, { network: pod }));
      expect(failure.message).toMatch(/not connected to: .* a loopback address/);
    }
    expect(proxy.requests).toEqual([]);
  });

  it("is not connected to in the Pod of an agent, by no spelling and no redirect", async () => {
    const here = await front(open);
    const { port } = new URL(here.url);
    for (const host of ["127.0.0.1", "localhost", "[::1]", "2130706433", "[::ffff:7f00:1]", "0.0.0.0"]) {
      const failure = await failureOf(fetchFrom(`http://${host}:${port}`, anonymous, { network: pod }));
      expect(failure.code).toBe("SourceDenied");
      expect(failure.message).toContain("not connected to: ");
    }
    const moved = await front(open, (request, response) => {
      response.writeHead(301, { location: `${here.url}${request.url}` }).end();
      return true;
    });
    const network = {
      ...pod,
      named: [{ type: "address", host: "127.0.0.1", port: Number(new URL(moved.url).port) }],
    } as const;
    const failure = await failureOf(fetchFrom(moved.url, anonymous, { network }));
    expect(failure.message).toContain("not connected to: 127.0.0.1 is a loopback address");
    expect(here.requests).toEqual([]);
  });

  it("goes through the proxy that a Secret names, with its password", async () => {
    const proxy = await front(open);
    const { revision } = await fetchFrom("http://git.example.test", {
      proxy: proxy.url.replace("//", "//me:s%20cret@"),
    });
    expect(revision.commit).toBe(sha);
    const sent = proxy.requests.map(({ headers }) => headers["proxy-authorization"]);
    expect(sent).toEqual(Array(3).fill(`Basic ${Buffer.from("me:s cret").toString("base64")}`));
  });

  describe("as an app of GitHub's", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const app = { id: "12345", installationId: "67", privateKey: pem };

    /** GitHub's API as its documentation tells it: `POST /app/installations/{id}/access_tokens`. */
    const github = (expiresInMs: number) =>
      front(open, (request, response) => {
        if (request.method !== "POST" || request.url !== "/api/v3/app/installations/67/access_tokens") return false;
        const [header = "", claims = "", signature = ""] = (request.headers.authorization ?? "").slice(7).split(".");
        const fits = verify(
          "sha256",
          Buffer.from(`${header}.${claims}`),
          publicKey,
          Buffer.from(signature, "base64url"),
        );
        const { iss, iat, exp } = JSON.parse(Buffer.from(claims, "base64url").toString());
        const now = Date.now() / 1000;
        const accepted = fits && iss === "12345" && iat <= now && now < exp && exp <= now + 600;
        const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
        response.writeHead(accepted ? 201 : 401).end(JSON.stringify({ token: "ghs_t0ken", expires_at: expiresAt }));
        return true;
      });

    it("signs in with a token that it keeps while it lasts", async () => {
      const api = await github(3_600_000);
      const git = await front(closed, (request) => {
        const expected = Buffer.from("x-access-token:ghs_t0ken").toString("base64");
        if (request.headers.authorization === `Basic ${expected}`) {
          request.headers.authorization = `Basic ${Buffer.from("git:correct-horse").toString("base64")}`;
        }
        return false;
      });
      const githubApp = { ...app, baseUrl: `${api.url}/api/v3` };
      expect((await fetchFrom(git.url, { githubApp })).revision.commit).toBe(sha);
      expect(api.requests.length).toBe(1);
    });

    it("asks for another token before the last one ends", async () => {
      const api = await github(60_000);
      await fetchFrom((await front(open)).url, { githubApp: { ...app, baseUrl: `${api.url}/api/v3` } });
      expect(api.requests.length).toBe(3);
    });

    it("says what GitHub does not accept, or what cannot be read", async () => {
      const api = await github(3_600_000);
      const githubApp = { ...app, baseUrl: `${api.url}/api/v3` };
      const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
      const wrong = stranger.export({ type: "pkcs1", format: "pem" }).toString();
      const denied = await failureOf(fetchFrom(open.url, { githubApp: { ...githubApp, privateKey: wrong } }));
      expect(denied.code).toBe("SourceDenied");
      expect(denied.message).toContain("issues no token for installation 67 of app 12345 (401)");
      const unreadable = await failureOf(fetchFrom(open.url, { githubApp: { ...githubApp, privateKey: "no key" } }));
      expect(unreadable.code).toBe("SourceInvalid");
      expect(unreadable.message).not.toContain("no key");
    });
  });

  describe("with certificates", () => {
    const authority = createAuthority();
    const server = authority.issue("server");
    const client = authority.issue("client");
    let secure: Front;

    beforeAll(async () => {
      secure = await startFront(open.url, () => false, {
        ...server,
        ca: authority.cert,
        requestCert: true,
        rejectUnauthorized: true,
      });
    });
    afterAll(() => secure.stop());

    it("shows its own and trusts the authority in the Secret", async () => {
      const { cert: clientCertificate, key: clientKey } = client;
      const { revision } = await fetchFrom(secure.url, { ca: authority.cert, clientCertificate, clientKey });
      expect(revision.commit).toBe(sha);
    });

    it("shows its own to no other server that a redirect leads to", async () => {
      const shown: boolean[] = [];
      const other = await startFront(
        open.url,
        (request) => {
          shown.push("subject" in Object((request.socket as TLSSocket).getPeerCertificate()));
          return false;
        },
        { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
      );
      onTestFinished(() => other.stop());
      const moving = await startFront(
        open.url,
        (request, response) => {
          shown.push("subject" in Object((request.socket as TLSSocket).getPeerCertificate()));
          response.writeHead(301, { location: `${other.url}${request.url}` }).end();
          return true;
        },
        { ...server, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
      );
      onTestFinished(() => moving.stop());
      const { cert: clientCertificate, key: clientKey } = client;
      await fetchFrom(moving.url, { ca: authority.cert, clientCertificate, clientKey });
      expect(shown[0]).toBe(true);
      expect(shown.slice(1)).toEqual([false, false, false]);
    });

    it("trusts nobody else", async () => {
      const failure = await failureOf(fetchFrom(secure.url, { ca: createAuthority().cert }));
      expect(failure.code).toBe("SourceUnreachable");
      expect(failure.message).toMatch(/certificate/);
      const unknown = await failureOf(fetchFrom(secure.url));
      expect(unknown.message).toMatch(/certificate.*\(put the authority's certificate under ca.crt/);
    });

    it("is refused without its own", async () => {
      const failure = await failureOf(fetchFrom(secure.url, { ca: authority.cert }));
      expect(failure.code).toBe("SourceUnreachable");
    });
  });
});

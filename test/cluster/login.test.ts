import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { type AddressInfo, connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connect, refOf } from "../../src/cluster/index.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { certificate } from "./certificate.ts";
import { configMap } from "./objects.ts";

let plane: ControlPlane;
let dir: string;
const { signal } = new AbortController();

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
  dir = await mkdtemp(join(tmpdir(), "mooring-login-"));
});

afterAll(async () => {
  await plane?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Writes a kubeconfig of one context and opens it. */
async function open(cluster: object, user: object): Promise<Cluster> {
  const path = join(dir, `${crypto.randomUUID()}.kubeconfig`);
  const config = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  };
  await writeFile(path, JSON.stringify(config));
  return connect({ from: "files", paths: [path] });
}

/** Opens a cluster and asks for something that is not there. */
async function askWith(cluster: object, user: object): Promise<unknown> {
  const opened = await open(cluster, user);
  try {
    return await opened.get(refOf(configMap("none")), signal);
  } finally {
    await opened.close();
  }
}

const realCluster = () => ({ server: plane.server, "certificate-authority": plane.caFile });

describe("a real API server", () => {
  test("accepts the token that a program gives", async () => {
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: plane.adminToken },
    };
    const args = ["-e", `console.log(${JSON.stringify(JSON.stringify(credential))})`];
    const exec = { apiVersion: credential.apiVersion, command: process.execPath, args, interactiveMode: "Never" };
    expect(await askWith(realCluster(), { exec })).toBeUndefined();
  });

  test.each([
    {
      what: "is missing",
      command: "/nowhere/login",
      args: [],
      why: "its program /nowhere/login is not installed (get it from example.com)",
    },
    {
      what: "fails",
      command: process.execPath,
      args: [
        "-e",
        "console.error('Session \\x1b[31mexpired\\nrun: login --sso', process.env.API_TOKEN);process.exit(1)",
      ],
      why: "failed; it says: Session  [31mexpired; run: login --sso ***",
    },
    {
      what: "says nothing that is a credential",
      command: process.execPath,
      args: ["-e", "console.log('s3cret')"],
      why: "printed no ExecCredential of client.authentication.k8s.io/v1 (",
    },
  ])("a program that $what is told in its own words, but not what it was given", async ({ command, args, why }) => {
    const env = [{ name: "API_TOKEN", value: "s3cret" }];
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command,
      args,
      env,
      installHint: "get it from example.com",
    };
    const thrown = await askWith(realCluster(), { exec }).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: "Unauthorized", message: expect.stringContaining(why) });
    expect(String(thrown)).not.toContain("s3cret");
  });

  test("a token file is read again when its token is no longer accepted", async () => {
    const tokenFile = join(dir, "token");
    await writeFile(tokenFile, "expired");
    const opened = await open(realCluster(), { tokenFile });
    const ask = () => opened.get(refOf(configMap("none")), signal);
    await expect(ask()).rejects.toMatchObject({ code: "Unauthorized" });
    await writeFile(tokenFile, `${plane.adminToken}\n`);
    expect(await ask()).toBeUndefined();
    await opened.close();
  });

  test("is reached through a proxy", async () => {
    const tunnels: string[] = [];
    const proxy = createHttpServer().on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      const [host, port] = (request.url ?? "").split(":");
      const onward = dial(Number(port), host, () => socket.write("HTTP/1.1 200 Connection established\r\n\r\n"));
      onward.pipe(socket).pipe(onward);
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await askWith({ ...realCluster(), "proxy-url": proxyUrl }, { token: plane.adminToken });
    proxy.close();
    expect(new Set(tunnels)).toEqual(new Set([new URL(plane.server).host]));
  });
});

describe("TLS", () => {
  const own = certificate();
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const user = { "client-certificate-data": base64(own.cert), "client-key-data": base64(own.key) };

  /** Answers everything with whom the client's certificate names. */
  async function withServer(use: (server: string) => Promise<void>): Promise<void> {
    const options: ServerOptions = { ...own, ca: own.cert, requestCert: true };
    const server = createServer(options, (request, response) => {
      const subject = (request.socket as TLSSocket).getPeerCertificate().subject;
      response.writeHead(403).end(JSON.stringify({ kind: "Status", message: `User "${subject?.CN}" cannot do that` }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      await use(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test.each<{ what: string; cluster: object; message: string }>([
    {
      what: "client certificate, CA and server name",
      cluster: { "certificate-authority-data": base64(own.cert), "tls-server-name": "api.example" },
      message: 'User "api.example" cannot do that',
    },
    {
      what: "no verification, where asked",
      cluster: { "insecure-skip-tls-verify": true },
      message: 'User "api.example"',
    },
    {
      what: "a certificate for another name",
      cluster: { "certificate-authority-data": base64(own.cert) },
      message: "its certificate is for another name",
    },
    {
      what: "a certificate of an unknown CA",
      cluster: { "tls-server-name": "api.example" },
      message: "its certificate is not signed by the CA of the kubeconfig",
    },
  ])("$what", async ({ cluster, message }) => {
    await withServer((server) => expect(askWith({ server, ...cluster }, user)).rejects.toThrow(message));
  });

  test("a certificate that a program renews is used after a 401, over new connections", async () => {
    const [first, second] = [certificate(), certificate()];
    const seen: string[] = [];
    const options: ServerOptions = { ...own, requestCert: true, rejectUnauthorized: false };
    const expected = new X509Certificate(second.cert).fingerprint256;
    const server = createServer(options, (request, response) => {
      const known = (request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 === expected;
      seen.push(known ? "second" : "first");
      response.writeHead(known ? 200 : 401).end(JSON.stringify({ gitVersion: "v1.34.1" }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const apiVersion = "client.authentication.k8s.io/v1";
    const files = ["first", "second"].map((name) => join(dir, `${name}.json`));
    for (const [index, { cert, key }] of [first, second].entries()) {
      const status = { clientCertificateData: cert, clientKeyData: key };
      await writeFile(files[index] ?? "", JSON.stringify({ apiVersion, kind: "ExecCredential", status }));
    }
    const script = 'cat "$0" 2>/dev/null && rm "$0" || cat "$1"';
    const exec = { apiVersion, command: "sh", args: ["-c", script, ...files] };
    const cluster = {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      "insecure-skip-tls-verify": true,
    };
    const opened = await open(cluster, { exec });
    try {
      expect([await opened.version(signal), await opened.version(signal)]).toEqual(["v1.34.1", "v1.34.1"]);
      expect(seen).toEqual(["first", "second", "second"]);
    } finally {
      await opened.close();
      server.closeAllConnections();
      server.close();
    }
  });
});

import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { FailureCode } from "../../model/failure.ts";
import { type KubeconfigText, type KubeconfigUse, resolveContext } from "./kubeconfig.ts";

const trusted: KubeconfigUse = { trusted: true, code: "UsageInvalid" };
const untrusted: KubeconfigUse = { trusted: false, code: "SpecInvalid" };
const base64 = (text: string) => Buffer.from(text).toString("base64");

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  readonly name?: string;
}

/** A kubeconfig of one context. */
function config({ cluster, user, context, name = "prod" }: Parts = {}): KubeconfigText {
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...cluster } }],
    users: [{ name: "me", user: { token: "token-of-me", ...user } }],
    contexts: [{ name, context: { cluster: name, user: "me", ...context } }],
    "current-context": name,
  });
  return { text, path: `/home/me/.kube/${name}` };
}

describe("one context", () => {
  test.each<{ what: string; parts: Parts; expected: object }>([
    {
      what: "server, token and the default namespace",
      parts: {},
      expected: {
        server: "https://prod.example:6443",
        defaultNamespace: "default",
        insecure: false,
        login: { type: "token", token: "token-of-me" },
      },
    },
    {
      what: "the context's namespace",
      parts: { context: { namespace: "shop" } },
      expected: { defaultNamespace: "shop" },
    },
    {
      what: "certificates as data",
      parts: {
        cluster: { "certificate-authority-data": base64("CA") },
        user: { token: undefined, "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") },
      },
      expected: {
        ca: { data: Buffer.from("CA") },
        cert: { data: Buffer.from("CERT") },
        key: { data: Buffer.from("KEY") },
        login: { type: "anonymous" },
      },
    },
    {
      what: "files, relative to the kubeconfig",
      parts: { cluster: { "certificate-authority": "ca.pem" }, user: { "client-key": "/etc/key.pem" } },
      expected: { ca: { file: "/home/me/.kube/ca.pem" }, key: { file: "/etc/key.pem" } },
    },
    {
      what: "a token file, which counts before a token",
      parts: { user: { tokenFile: "token" } },
      expected: { login: { type: "tokenFile", file: "/home/me/.kube/token" } },
    },
    {
      what: "user and password",
      parts: { user: { token: undefined, username: "me", password: "pass" } },
      expected: { login: { type: "basic", username: "me", password: "pass" } },
    },
    {
      what: "what concerns TLS, and a proxy",
      parts: {
        cluster: { "insecure-skip-tls-verify": true, "tls-server-name": "api", "proxy-url": "http://proxy:3128" },
      },
      expected: { insecure: true, serverName: "api", proxyUrl: "http://proxy:3128" },
    },
    {
      what: "impersonation",
      parts: { user: { as: "robot", "as-groups": ["ops", "dev"] } },
      expected: { impersonate: { user: "robot", groups: ["ops", "dev"] } },
    },
    {
      what: "impersonation with a uid and extra fields",
      parts: { user: { as: "robot", "as-uid": "7", "as-user-extra": { scopes: ["a", "b"] } } },
      expected: { impersonate: { user: "robot", groups: [], uid: "7", extra: { scopes: ["a", "b"] } } },
    },
    // The order of kubectl: `HasTokenAuth`, `HasBasicAuth`, `HasCertAuth` in client-go's exec plugin.
    {
      what: "a token, which counts before a login plugin",
      parts: { user: { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./login" } } },
      expected: { login: { type: "token", token: "token-of-me" } },
    },
    {
      what: "a token, which counts before an auth provider",
      parts: { user: { "auth-provider": { name: "oidc", config: {} } } },
      expected: { login: { type: "token", token: "token-of-me" } },
    },
    {
      what: "user and password, which count before a login plugin",
      parts: {
        user: { ...{ token: "", username: "me", password: "pass" }, exec: { apiVersion: "x", command: "./login" } },
      },
      expected: { login: { type: "basic", username: "me", password: "pass" } },
    },
    {
      what: "a certificate with its key, which counts before a login plugin",
      parts: {
        user: {
          ...{ token: undefined, "client-certificate": "cert.pem", "client-key-data": base64("KEY") },
          exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./login" },
        },
      },
      expected: { login: { type: "anonymous" }, cert: { file: "/home/me/.kube/cert.pem" } },
    },
    {
      what: "a login plugin",
      parts: {
        user: { token: undefined, exec: { apiVersion: "client.authentication.k8s.io/v1", command: "./login" } },
      },
      expected: { login: { type: "exec", plugin: { command: "/home/me/.kube/login" } } },
    },
    {
      what: "OIDC, without what is empty",
      parts: {
        user: {
          token: undefined,
          "auth-provider": {
            name: "oidc",
            config: {
              "id-token": "id",
              "refresh-token": "refresh",
              "idp-issuer-url": "https://idp.example",
              "client-id": "kubernetes",
              "client-secret": "",
              "idp-certificate-authority": "idp.pem",
            },
          },
        },
      },
      expected: {
        login: {
          type: "oidc",
          provider: { idToken: "id", refreshToken: "refresh", issuer: "https://idp.example", clientId: "kubernetes" },
          ca: { file: "/home/me/.kube/idp.pem" },
        },
      },
    },
  ])("$what", ({ parts, expected }) => {
    expect(resolveContext([config(parts)], trusted)).toMatchObject(expected);
  });
});

describe("several files", () => {
  const files = [
    config({ cluster: { server: "https://first.example" } }),
    config({ cluster: { server: "https://second.example" } }),
    config({ name: "staging" }),
  ];

  test("of the same name the first counts, and so does the first current-context", () => {
    expect(resolveContext(files, trusted).server).toBe("https://first.example");
  });

  test("another context is chosen by its name", () => {
    expect(resolveContext(files, { ...trusted, context: "staging" }).server).toBe("https://staging.example:6443");
  });
});

describe("from a Secret: nothing but what is in the text", () => {
  test("a token is fine", () => {
    expect(resolveContext([config()], untrusted).login).toEqual({ type: "token", token: "token-of-me" });
  });

  test("impersonation that names nobody is refused", () => {
    expect(() => resolveContext([config({ user: { "as-groups": ["system:masters"] } })], untrusted)).toThrow(
      expect.objectContaining({ code: "SpecInvalid", problems: [expect.objectContaining({ field: "users.as" })] }),
    );
  });

  test.each<{ field: string; parts: Parts }>([
    { field: "exec", parts: { user: { exec: { command: "/bin/sh" } } } },
    {
      field: "auth-provider",
      parts: { user: { "auth-provider": { name: "gcp", config: { "cmd-path": "/bin/sh" } } } },
    },
    { field: "tokenFile", parts: { user: { tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" } } },
    { field: "client-certificate", parts: { user: { "client-certificate": "/etc/passwd" } } },
    { field: "client-key", parts: { user: { "client-key": "/etc/passwd" } } },
    { field: "certificate-authority", parts: { cluster: { "certificate-authority": "/etc/passwd" } } },
  ])("$field is refused", ({ field, parts }) => {
    expect(() => resolveContext([config(parts)], untrusted)).toThrow(
      expect.objectContaining({ code: "SpecInvalid", problems: [expect.objectContaining({ field })] }),
    );
  });
});

describe("what is wrong is named, and never quoted", () => {
  const code: FailureCode = "UsageInvalid";
  test.each<{ what: string; configs: readonly KubeconfigText[]; use?: KubeconfigUse; message: string }>([
    {
      what: "not YAML",
      configs: [{ text: "users: [{token: s3cret" }],
      message: "kubeconfig: the text is not valid YAML",
    },
    { what: "not a mapping", configs: [{ text: "s3cret" }], message: "kubeconfig: the text is not a YAML mapping" },
    {
      what: "no context",
      configs: [{ text: "{}" }],
      message: "current-context: kubeconfig: no context is chosen (name one with --context)",
    },
    {
      what: "an unknown context",
      configs: [config()],
      use: { ...trusted, context: "prdo" },
      message: 'contexts: kubeconfig: there is no entry named "prdo"',
    },
    {
      what: "a context without its cluster",
      configs: [config({ context: { cluster: "other" } })],
      message: 'clusters: kubeconfig: there is no entry named "other"',
    },
    {
      what: "a server that is no URL",
      configs: [config({ cluster: { server: "prod:6443/" } })],
      message: "clusters.server: kubeconfig: the server is not an http or https URL",
    },
    {
      what: "a login plugin of a version that is not known",
      configs: [
        config({
          user: {
            token: undefined,
            exec: { apiVersion: "client.authentication.k8s.io/v1alpha1", command: "s3cret" },
          },
        }),
      ],
      message:
        'users.exec: kubeconfig: the exec plugin of the user "me" in /home/me/.kube/prod has no command, or an apiVersion that is not known (client.authentication.k8s.io/v1 and v1beta1 are known; update the plugin)',
    },
    {
      what: "an auth provider that client-go has dropped",
      configs: [
        config({
          user: { token: undefined, "auth-provider": { name: "gcp", config: { "access-token": "s3cret" } } },
        }),
      ],
      message:
        'users.auth-provider: kubeconfig: the auth provider "gcp" is not supported, nor is it by kubectl (use a credential plugin instead, such as gke-gcloud-auth-plugin or kubelogin)',
    },
    {
      what: "an argument of a login plugin that is no text",
      configs: [
        config({
          user: {
            token: undefined,
            exec: { apiVersion: "client.authentication.k8s.io/v1", command: "aws", args: ["eks", 5309] },
          },
        }),
      ],
      message:
        'users.exec.args[1]: kubeconfig: the exec plugin of the user "me" in /home/me/.kube/prod has a value that is not a string (quote it)',
    },
    {
      what: "a login plugin beside an auth provider",
      configs: [config({ user: { exec: { command: "s3cret" }, "auth-provider": { name: "oidc" } } })],
      message:
        'users.exec: kubeconfig: exec of the user "me" in /home/me/.kube/prod stands beside an auth-provider, which kubectl refuses too',
    },
    ...[
      { user: { "as-groups": ["s3cret"] } },
      { user: { "as-uid": "s3cret" } },
      { user: { "as-user-extra": { scopes: ["s3cret"] } } },
    ].map((parts) => ({
      what: `nobody to act as: ${Object.keys(parts.user)}`,
      configs: [config(parts)],
      message:
        'users.as: kubeconfig: as of the user "me" in /home/me/.kube/prod is missing, which as-uid, as-groups and as-user-extra need',
    })),
    ...[
      { field: "as", value: 7, problem: "is not a string" },
      { field: "as-uid", value: 7, problem: "is not a string" },
      { field: "as-groups", value: ["ops", 7], problem: "is not a list of strings" },
      { field: "as-groups", value: "ops", problem: "is not a list of strings" },
      { field: "as-user-extra", value: { scopes: "s3cret" }, problem: "is not a map of lists of strings" },
      { field: "as-user-extra", value: ["s3cret"], problem: "is not a map of lists of strings" },
    ].map(({ field, value, problem }) => ({
      what: `${field}: ${JSON.stringify(value)}`,
      configs: [config({ user: { as: "robot", [field]: value } })],
      message: `users.${field}: kubeconfig: ${field} of the user "me" in /home/me/.kube/prod ${problem}`,
    })),
  ])("$what", ({ configs, use = trusted, message }) => {
    expect(() => resolveContext(configs, use)).toThrow(expect.objectContaining({ code, message }));
  });
});

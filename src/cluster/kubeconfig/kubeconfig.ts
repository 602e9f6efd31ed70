import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { Failure, type FailureCode } from "../../model/failure.ts";
import { isObject, type JsonObject, listAt, objectAt, stringAt, valueAt } from "../../model/json/json.ts";
import type { Impersonation } from "../cluster.ts";
import { type ExecPlugin, execPluginOf } from "./exec-plugin.ts";
import { impersonationOf } from "./impersonation.ts";
import type { OidcProvider } from "./oidc.ts";

/** A secret as such, or a file that holds it. */
export type Material = { readonly data: Buffer } | { readonly file: string };

/** How a kubeconfig says to log in. */
export type Login =
  | { readonly type: "anonymous" }
  | { readonly type: "token"; readonly token: string }
  | { readonly type: "tokenFile"; readonly file: string }
  | { readonly type: "basic"; readonly username: string; readonly password: string }
  | { readonly type: "exec"; readonly plugin: ExecPlugin }
  | { readonly type: "oidc"; readonly provider: Omit<OidcProvider, "ca">; readonly ca?: Material };

/** One context of a kubeconfig, resolved. */
export interface ClusterEntry {
  readonly server: string;
  readonly defaultNamespace: string;
  readonly ca?: Material;
  readonly cert?: Material;
  readonly key?: Material;
  readonly serverName?: string;
  readonly insecure: boolean;
  readonly proxyUrl?: string;
  readonly login: Login;
  readonly impersonate?: Impersonation;
}

/** The text of a kubeconfig and, where it is trusted to name other files, its path. */
export interface KubeconfigText {
  readonly text: string;
  readonly path?: string;
}

/** How kubeconfigs are read: which context, whether they may name files and programs, the code of failures. */
export interface KubeconfigUse {
  readonly context?: string;
  readonly trusted: boolean;
  readonly code: FailureCode;
}

/**
 * Resolves one context of one or more kubeconfigs; of entries with the same name the first one counts, as in kubectl
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/). Reads no file itself.
 */
export function resolveContext(configs: readonly KubeconfigText[], use: KubeconfigUse): ClusterEntry {
  const documents = configs.map((config) => parseConfig(config, use));
  const current = documents.map((document) => stringAt(document.value, "current-context")).find(Boolean);
  const contextName = use.context ?? current;
  if (contextName === undefined) throw wrong(use, "current-context", "no context is chosen", "name one with --context");
  const context = named(documents, "contexts", contextName, use);
  const cluster = named(documents, "clusters", stringAt(context.value, "context", "cluster") ?? "", use);
  const userName = stringAt(context.value, "context", "user");
  const user = userName === undefined ? undefined : named(documents, "users", userName, use);
  return entryOf({
    namespace: stringAt(context.value, "context", "namespace") ?? "default",
    cluster: section(cluster, "cluster", use),
    user: user === undefined ? undefined : section(user, "user", use),
    use,
  });
}

interface Document {
  readonly value: JsonObject;
  readonly path?: string;
}

interface Section extends Document {
  readonly name: string;
}

function parseConfig(config: KubeconfigText, use: KubeconfigUse): Document {
  const parsed: unknown = parseYaml(config, use);
  if (!isObject(parsed)) throw wrong(use, "", `${config.path ?? "the text"} is not a YAML mapping`);
  return { value: parsed, ...(config.path === undefined ? {} : { path: config.path }) };
}

/** Characters of one's own, which may hold many clusters. Looking for keys that stand twice would take time by their square. */
const longestOwn = 1024 * 1024;
/** Of a tenant's, which the agent reads in one piece; one cluster's has some 6,000. */
const longestOfOthers = 32 * 1024;

function parseYaml(config: KubeconfigText, use: KubeconfigUse): unknown {
  const longest = use.trusted ? longestOwn : longestOfOthers;
  if (config.text.length > longest) {
    const hint = use.trusted ? undefined : "remove the clusters and users that are not needed";
    throw wrong(use, "", `${config.path ?? "the text"} is longer than ${longest} characters`, hint);
  }
  try {
    return parse(config.text, { logLevel: "error", uniqueKeys: false });
  } catch {
    // The parser's message quotes the line, and the line may be a token.
    throw wrong(use, "", `${config.path ?? "the text"} is not valid YAML`);
  }
}

function named(documents: readonly Document[], list: string, name: string, use: KubeconfigUse): Document {
  for (const document of documents) {
    const value = listAt(document.value, list).find((entry) => stringAt(entry, "name") === name);
    if (isObject(value)) return { ...document, value };
  }
  throw wrong(use, list, `there is no entry named "${name}"`);
}

function section(document: Document, key: string, use: KubeconfigUse): Section {
  const value = objectAt(document.value, key);
  const name = stringAt(document.value, "name") ?? "";
  if (value === undefined) throw wrong(use, `${key}s`, `the entry "${name}" has no ${key}`);
  return { ...document, value, name };
}

interface Parts {
  readonly namespace: string;
  readonly cluster: Section;
  readonly user: Section | undefined;
  readonly use: KubeconfigUse;
}

function entryOf({ namespace, cluster, user, use }: Parts): ClusterEntry {
  const server = stringAt(cluster.value, "server");
  if (server === undefined || !/^https?:$/.test(URL.parse(server)?.protocol ?? "")) {
    throw wrong(use, "clusters.server", "the server is not an http or https URL");
  }
  const proxyUrl = stringAt(cluster.value, "proxy-url");
  if (proxyUrl !== undefined && !/^(https?|socks5):$/.test(URL.parse(proxyUrl)?.protocol ?? "")) {
    throw wrong(use, "clusters.proxy-url", "the proxy is not an http, https or socks5 URL");
  }
  const impersonate = impersonationOf(user?.value);
  if (impersonate !== undefined && "problem" in impersonate) {
    throw wrongOfUser(use, user, { ...impersonate, what: impersonate.field });
  }
  return {
    server,
    defaultNamespace: namespace,
    insecure: valueAt(cluster.value, "insecure-skip-tls-verify") === true,
    login: user === undefined ? { type: "anonymous" } : loginOf(user, use),
    ...present("ca", material(cluster, "certificate-authority", use)),
    ...present("cert", user && material(user, "client-certificate", use)),
    ...present("key", user && material(user, "client-key", use)),
    ...present("serverName", stringAt(cluster.value, "tls-server-name")),
    ...present("proxyUrl", proxyUrl),
    ...present("impersonate", impersonate),
  };
}

/**
 * One login of those that a user has, as in kubectl: a token, or user and password, before a program, which is not run either
 * where there is a client certificate; an auth provider last.
 */
function loginOf(user: Section, use: KubeconfigUse): Login {
  const text = (field: string) => stringAt(user.value, field) || undefined;
  const [token, tokenFile, username] = [text("token"), text("tokenFile"), text("username")];
  const [exec, provider] = [objectAt(user.value, "exec"), objectAt(user.value, "auth-provider")];
  if (!use.trusted) {
    for (const field of ["exec", "auth-provider"]) if (valueAt(user.value, field) != null) throw refused(use, field);
  }
  if (exec !== undefined && provider !== undefined) {
    throw wrongOfUser(use, user, {
      field: "exec",
      what: "exec",
      problem: "stands beside an auth-provider, which kubectl refuses too",
    });
  }
  if (tokenFile !== undefined) return { type: "tokenFile", file: localFile(user, tokenFile, "tokenFile", use) };
  if (token !== undefined) return { type: "token", token };
  if (username !== undefined) return { type: "basic", username, password: text("password") ?? "" };
  const hasOwn = (field: string) => (text(`${field}-data`) ?? text(field)) !== undefined;
  if (exec !== undefined && !(hasOwn("client-certificate") && hasOwn("client-key"))) return execLogin(exec, user, use);
  if (provider !== undefined) return providerLogin(provider, user, use);
  return { type: "anonymous" };
}

function execLogin(exec: JsonObject, user: Section, use: KubeconfigUse): Login {
  const plugin = execPluginOf(exec, user.path);
  if (!("problem" in plugin)) return { type: "exec", plugin };
  const field = plugin.field === undefined ? "exec" : `exec.${plugin.field}`;
  throw wrongOfUser(use, user, { ...plugin, field, what: "the exec plugin" });
}

/** Of the providers that client-go once had, it has kept `oidc` (https://github.com/kubernetes/kubernetes/pull/112341). */
function providerLogin(provider: JsonObject, user: Section, use: KubeconfigUse): Login {
  const name = stringAt(provider, "name") ?? "";
  if (name !== "oidc") {
    const hint = "use a credential plugin instead, such as gke-gcloud-auth-plugin or kubelogin";
    throw wrong(use, "users.auth-provider", `the auth provider "${name}" is not supported, nor is it by kubectl`, hint);
  }
  const config: Section = { ...user, value: objectAt(provider, "config") ?? {} };
  const text = (field: string) => stringAt(config.value, field) || undefined;
  return {
    type: "oidc",
    provider: {
      ...present("idToken", text("id-token")),
      ...present("refreshToken", text("refresh-token")),
      ...present("issuer", text("idp-issuer-url")),
      ...present("clientId", text("client-id")),
      ...present("clientSecret", text("client-secret")),
    },
    ...present("ca", material(config, "idp-certificate-authority", use)),
  };
}

function material(from: Section, field: string, use: KubeconfigUse): Material | undefined {
  const data = stringAt(from.value, `${field}-data`);
  if (data !== undefined) return { data: Buffer.from(data, "base64") };
  const file = stringAt(from.value, field);
  return file === undefined ? undefined : { file: localFile(from, file, field, use) };
}

function localFile(from: Section, file: string, field: string, use: KubeconfigUse): string {
  if (!use.trusted) throw refused(use, field);
  return resolve(dirname(from.path ?? "."), file);
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

function refused(use: KubeconfigUse, field: string): Failure {
  const message = "a kubeconfig from a Secret may neither run programs nor name files";
  return wrong(use, field, message, "put the credentials into the kubeconfig itself: token, or *-data fields");
}

interface UserProblem {
  readonly field: string;
  /** What has the problem: `as-groups`. */
  readonly what: string;
  readonly problem: string;
  readonly hint?: string;
}

function wrongOfUser(use: KubeconfigUse, user: Section | undefined, wrongly: UserProblem): Failure {
  const { field, what, problem, hint } = wrongly;
  const where = user?.path === undefined ? "" : ` in ${user.path}`;
  return wrong(use, `users.${field}`, `${what} of the user "${user?.name}"${where} ${problem}`, hint);
}

function wrong(use: KubeconfigUse, field: string, message: string, hint?: string): Failure {
  return new Failure(use.code, {
    message: `kubeconfig: ${message}`,
    ...(field === "" ? {} : { field }),
    ...(hint === undefined ? {} : { hint }),
  });
}

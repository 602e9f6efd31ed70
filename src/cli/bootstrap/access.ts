import { pause } from "../../clock/index.ts";
import type { Cluster } from "../../cluster/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import {
  type Credentials,
  createDeployKey,
  createSource,
  credentialsFrom,
  publicKeyOf,
  type RepositoryUrl,
} from "../../source/index.ts";
import type { Context } from "../command/command.ts";
import { withProgress } from "../print/progress.ts";
import { programVersion } from "../version.ts";
import { trustedHost } from "./known-hosts.ts";
import { gitSecretName } from "./layout.ts";
import { gitSecret, hasToChange, readGitSecret, type SecretTexts, writeGitSecret } from "./secret.ts";

/** How the agent gets in to the repository. */
export interface Access {
  readonly namespace: string;
  readonly url: RepositoryUrl;
  /** For a repository over HTTP; without it, the Secret that is there, or none at all. */
  readonly login: { readonly username: string; readonly token: string } | undefined;
  /** For a repository over SSH: the file that vouches for its host. */
  readonly knownHosts: string | undefined;
}

/** What the agent fetches with. */
export interface Granted {
  readonly credentials: Credentials;
  /** Whether a Secret holds it; a public repository needs none. */
  readonly secret: boolean;
  /** Writes the Secret, where it does not hold just that already. */
  readonly store: () => Promise<void>;
}

/**
 * Finds what the agent is to fetch with. Over SSH that is a deploy key, made where there is none yet. Writes nothing
 * before `store`. Throws `Failure` as `trustedHost` does, and Conflict where the Secret is somebody's own.
 */
export async function grantAccess(context: Context, cluster: Cluster, access: Access): Promise<Granted> {
  const { namespace, url, login } = access;
  const { signal, stdout } = context;
  const before = await readGitSecret(cluster, namespace, signal);
  if (url.transport === "http" && login === undefined) {
    const credentials = credentialsFrom(gitSecret(namespace, before?.texts ?? {}));
    return { credentials, secret: before !== undefined, store: async () => undefined };
  }
  const texts =
    login === undefined
      ? await deployKey(context, access, before?.texts)
      : { username: login.username, password: login.token };
  const changes = hasToChange(before, texts, namespace);
  return {
    credentials: credentialsFrom(gitSecret(namespace, texts)),
    secret: true,
    async store() {
      if (changes) await writeGitSecret(cluster, namespace, texts, signal);
      stdout.line(`secret/${gitSecretName} ${changes ? "configured" : "unchanged"}`);
      const { identity, password } = texts;
      if (identity === undefined) return;
      const publicKey = await publicKeyOf({ identity, password }, commentOf(namespace));
      stdout.write(`The agent's deploy key, to read the repository:\n\n  ${publicKey}\n\n`);
    },
  };
}

async function deployKey(
  context: Context,
  { namespace, url, knownHosts }: Access,
  before: SecretTexts = {},
): Promise<SecretTexts> {
  const known_hosts = await trustedHost(context, url, { file: knownHosts, before: before.known_hosts });
  const { identity = (await createDeployKey(commentOf(namespace))).identity, password } = before;
  return { identity, known_hosts, ...(before.identity === undefined || password === undefined ? {} : { password }) };
}

/** What tells people at the forge whose key it is. */
const commentOf = (namespace: string) => `mooring-${namespace}`;

/** Fetches as the agent will, once. Throws as `Source.fetch` does. */
export async function checkAccess(
  { url, branch }: { readonly url: string; readonly branch: string },
  credentials: Credentials,
  signal: AbortSignal,
): Promise<void> {
  const source = createSource(url, credentials, { userAgent: `mooring/${programVersion}` });
  try {
    await source.fetch({ branch }, signal);
  } finally {
    await source.close();
  }
}

const retryMs = 2_000;

/**
 * Waits until the repository lets the agent in: a person may have to add the deploy key first. Throws `Failure` at the
 * limit, the one that says why not, and at once where the repository cannot be reached at all.
 */
export async function waitForAccess(
  context: Context,
  wanted: { readonly url: string; readonly branch: string; readonly timeoutMs: number },
  credentials: Credentials,
): Promise<void> {
  const { signal, stdout, stderr } = context;
  const deadline = performance.now() + wanted.timeoutMs;
  const source = createSource(wanted.url, credentials, { userAgent: `mooring/${programVersion}` });
  const denied = async (): Promise<Failure | undefined> => {
    try {
      await source.fetch({ branch: wanted.branch }, signal);
      return undefined;
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (failure.code === "SourceDenied" && performance.now() < deadline) return failure;
      throw failure;
    }
  };
  try {
    const first = await denied();
    if (first === undefined) return;
    stdout.line(first.message);
    await withProgress(stderr, "Waiting for the repository to let the agent in", async () => {
      do await pause(retryMs, signal);
      while ((await denied()) !== undefined);
    });
  } finally {
    await source.close();
  }
}

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/model/manifest.ts";
import { type AgentProcess, startAgent } from "../support/agent/agent-process.ts";
import { type GitServer, startGitServer } from "../support/git/git-server.ts";
import type { WorkTree } from "../support/git/work-tree.ts";
import { type Checks, createChecks, StepFailed } from "./check.ts";
import { type ClusterChoice, type DemoCluster, namespaces, openCluster } from "./cluster.ts";
import type { Narrator } from "./narrator.ts";
import { createRepository, examples, mooring, plainSecret } from "./repository.ts";
import { hasSealingKey } from "./shop.ts";

/** What is on every stage. */
export interface Stage {
  readonly cluster: DemoCluster;
  /** The clone a person works in. */
  readonly tree: WorkTree;
  readonly agent: AgentProcess;
  readonly narrator: Narrator;
  readonly checks: Checks;
  /** What `npm run demo` was given up by. */
  readonly signal: AbortSignal;
}

/** Everything on the stage of the plain demo: what the steps act on and look at. */
export interface Scene extends Stage {
  readonly git: GitServer;
}

/** One step of a demo: what it shows, and how. It throws `StepFailed` when something is not as it should be. */
export interface Step<On extends Stage> {
  readonly title: string;
  readonly play: (scene: On) => Promise<void>;
}

/** A way to begin: what to use, what to tell with, what is to be undone in the end, and what ends it early. */
export interface Beginning {
  readonly choice: ClusterChoice;
  readonly narrator: Narrator;
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
}

/** How long the demo waits for something to come true before it says that it is not; machines that do much else are slow. */
export const patienceMs = 120_000;

/** Sets the stage: cluster, Git server, agent, and the example pushed, its secrets sealed for this cluster. */
export async function setScene(beginning: Beginning): Promise<Scene> {
  const { narrator, stack, signal } = beginning;
  const checks = createChecks(narrator, patienceMs, signal);
  const cluster = await prepareCluster(beginning);
  const password = randomBytes(12).toString("hex");
  const git = stack.use(await startGitServer({ password }));
  narrator.fact(`a Git server: ${git.repoUrl("environment")}, with a password`);
  const agent = await bringInAgent(cluster, checks, beginning);
  await createSecret(cluster, "git-auth", { username: "git", password }, signal);
  const { tree } = await createRepository(git);
  stack.defer(() => tree.remove());
  await sealExamples(cluster, tree);
  await tree.commit({}, "The shop");
  await tree.git("push", "-q", "origin", "HEAD:staging");
  narrator.fact("examples/environment pushed, its passwords sealed with `mooring seal`");
  return { cluster, git, tree, agent, narrator, checks, signal };
}

/** Opens the cluster and tells of it. */
export async function prepareCluster({ choice, narrator, stack, signal }: Beginning): Promise<DemoCluster> {
  const started = Date.now();
  const cluster = await narrator.waiting("preparing the cluster", () => openCluster(choice, stack, signal));
  const server = `${cluster.admin.server}, Mooring installed`;
  narrator.fact(`a Kubernetes control plane: ${server}`, Date.now() - started);
  return cluster;
}

/** Starts the agent, and waits until secrets can be sealed for it. */
export async function bringInAgent(
  cluster: DemoCluster,
  checks: Checks,
  { stack, signal }: Pick<Beginning, "stack" | "signal">,
): Promise<AgentProcess> {
  const agent = startAgent(cluster.agentKubeconfig);
  stack.defer(() => agent.stop());
  const isReady = async () => {
    if (agent.exited()) throw new StepFailed("the agent to run", lastWords(agent));
    return { holds: await hasSealingKey(cluster.admin, signal), seen: lastWords(agent) };
  };
  await checks.becomes(
    "the agent: a process with the rights of its service account only; it has made its sealing key",
    isReady,
  );
  return agent;
}

/** The last lines of the agent's log. */
export function lastWords(agent: AgentProcess): string {
  const lines = agent.log().trimEnd().split("\n").slice(-8);
  return `${agent.exited() ? "the agent has ended" : "the agent is running"}; it said last:\n${lines.join("\n")}`;
}

/** The Environments of the example, pointed at the demo's own Git server and asking it every second. */
export async function exampleEnvironments(url: string): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments(await readFile(join(examples, "environment.yaml"), "utf8"));
  return documents.map((document) => {
    document.setIn(["spec", "source", "url"], url);
    document.setIn(["spec", "interval"], "1s");
    document.setIn(["spec", "retryInterval"], "1s");
    return document.toJS() as KubeObject;
  });
}

/** A Secret for the agent to read. */
export async function createSecret(
  { admin }: DemoCluster,
  name: string,
  stringData: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const metadata = { name, namespace: namespaces.agent };
  await admin.create({ apiVersion: "v1", kind: "Secret", metadata, stringData }, signal);
}

/** What a team does once for every new cluster: the example's sealed secrets are for one that is gone. */
export async function sealExamples(cluster: DemoCluster, tree: WorkTree): Promise<void> {
  for (const name of ["staging", "production"]) {
    const sealed = `overlays/${name}/database.yaml`;
    await mooring(cluster, ["seal", "-f", plainSecret(name), "-w", sealed], { cwd: tree.dir });
  }
}

import type { Environment } from "../../src/api/environment/environment.ts";
import type { EnvironmentStatus } from "../../src/api/environment/environment-status.ts";
import { apiVersion } from "../../src/api/names.ts";
import { type Cluster, connect } from "../../src/cluster/index.ts";
import type { JsonObject } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { type AgentProcess, startAgent } from "./agent/agent-process.ts";
import { install } from "./agent/install.ts";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./control-plane/control-plane.ts";
import { type GitServer, startGitServer } from "./git/git-server.ts";
import { createWorkTree, type WorkTree } from "./git/work-tree.ts";
import { eventually } from "./wait.ts";

/** A control plane with Mooring's manifests installed, a Git server, and what tests ask of both. */
export interface World {
  readonly controlPlane: ControlPlane;
  readonly git: GitServer;
  /** An administrator's connection. */
  readonly admin: Cluster;
  /** A kubeconfig with nothing but the agent's own rights. */
  readonly agentKubeconfig: string;
  readonly startAgent: (...flags: readonly string[]) => AgentProcess;
  /** A new repository with a clone to commit in. */
  readonly repository: (name: string) => Promise<{ readonly url: string; readonly tree: WorkTree }>;
  /** Creates or changes an Environment in `mooring-system`. */
  readonly environment: (name: string, spec: JsonObject) => Promise<void>;
  readonly status: (name: string) => Promise<EnvironmentStatus>;
  /** Waits until a condition of an Environment has a status, and a reason where one is given; a minute if no time is. */
  readonly condition: (name: string, type: string, wanted: Wanted, timeout?: number) => Promise<EnvironmentStatus>;
  readonly get: (kind: string, namespace: string, name: string) => Promise<KubeObject | undefined>;
  readonly stop: () => Promise<void>;
}

/** What a condition should be; what is left out may be anything. */
export interface Wanted {
  readonly status?: string;
  readonly reason?: string;
  readonly revision?: string;
}

const kinds: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  CustomResourceDefinition: "apiextensions.k8s.io/v1",
  Environment: apiVersion,
};

/** Starts everything but the agent, and installs the manifests of this checkout. */
export async function startWorld(options: ControlPlaneOptions = {}): Promise<World> {
  const controlPlane = await startControlPlane(options);
  const git = await startGitServer();
  const admin = await connect({ from: "files", paths: [controlPlane.kubeconfig] });
  await install(admin);
  const agentKubeconfig = await controlPlane.kubeconfigFor("mooring-system", "mooring-agent");
  const agents: AgentProcess[] = [];
  const trees: WorkTree[] = [];
  const signal = new AbortController().signal;
  const ref = (name: string) => ({ apiVersion, kind: "Environment", namespace: "mooring-system", name });

  const status = async (name: string): Promise<EnvironmentStatus> => {
    const object = await admin.get(ref(name), signal);
    return (object as unknown as Environment | undefined)?.status ?? {};
  };

  return {
    controlPlane,
    git,
    admin,
    agentKubeconfig,
    startAgent(...flags) {
      const agent = startAgent(agentKubeconfig, ...flags);
      agents.push(agent);
      return agent;
    },
    async repository(name) {
      const url = await git.createRepo(name);
      const tree = await createWorkTree(git.pushUrl(name));
      trees.push(tree);
      return { url, tree };
    },
    async environment(name, spec) {
      const object = { apiVersion, kind: "Environment", metadata: { name, namespace: "mooring-system" }, spec };
      await admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, signal);
    },
    status,
    condition: (name, type, wanted, timeout = 60_000) =>
      eventually(
        async () => {
          const current = await status(name);
          const found = current.conditions?.find((each) => each.type === type);
          const fits =
            found !== undefined &&
            (wanted.status === undefined || found.status === wanted.status) &&
            (wanted.reason === undefined || found.reason === wanted.reason) &&
            (wanted.revision === undefined || current.lastAttemptedRevision?.endsWith(wanted.revision) === true);
          return fits ? current : undefined;
        },
        { what: `${name} to have ${type} ${JSON.stringify(wanted)}`, timeout },
      ).catch(async (thrown: unknown) => {
        const log = agents.map((agent) => agent.log()).join("\n");
        throw new Error(`${thrown}\n${JSON.stringify(await status(name), undefined, 1)}\n${log.slice(-6000)}`);
      }),
    get: (kind, namespace, name) => admin.get({ apiVersion: kinds[kind] ?? "v1", kind, namespace, name }, signal),
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()));
      await Promise.all(trees.map((tree) => tree.remove()));
      await admin.close();
      await git.stop();
      await controlPlane.stop();
    },
  };
}

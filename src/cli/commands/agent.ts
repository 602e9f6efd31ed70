import { Failure } from "../../model/failure.ts";
import { defineCommand } from "../command/command.ts";
import { usualNamespace, withCluster } from "../environment/environments.ts";
import { networkOfAgent, remoteFlags } from "../repository/remotes.ts";
import { programVersion } from "../version.ts";

/** `mooring agent`. */
export const agent = defineCommand({
  description:
    "Runs in the cluster (see manifests/), or anywhere with a kubeconfig. For each Environment it fetches the repository, renders, unseals, plans, applies, waits for health, prunes, corrects drift, and rolls back failures. Serves /healthz, /readyz, /metrics and /v1/cert.pem.",
  arguments: {},
  flags: {
    "watch-namespace": {
      type: "list",
      value: "NAME",
      names: "namespace",
      summary: "Reconcile only the Environments in this namespace",
    },
    listen: { type: "string", value: "HOST:PORT", default: "0.0.0.0:8080", summary: "Address of the HTTP endpoints" },
    "no-leader-election": { type: "boolean", summary: "Run without leader election, as the only agent" },
    "default-service-account": {
      type: "string",
      value: "NAME",
      names: "object",
      summary: "Service account to impersonate for Environments that name none",
    },
    "no-cross-namespace-refs": {
      type: "boolean",
      summary: "Refuse Environments that refer to objects in other namespaces",
    },
    "cluster-name": {
      type: "string",
      value: "NAME",
      summary: "Name of this cluster in commit statuses: mooring/NAME/ENVIRONMENT",
    },
    ...remoteFlags,
    "key-renew-period": {
      type: "duration",
      default: "720h",
      summary: "Create a new sealing key when the newest one reaches this age; 0s means never",
    },
    "key-cutoff-time": {
      type: "string",
      value: "TIME",
      summary: "Create a new sealing key if the newest one is older than this time (RFC 3339)",
    },
    "log-level": {
      type: "string",
      value: "LEVEL",
      choices: ["debug", "info", "warn", "error"],
      default: "info",
      summary: "What to log",
    },
  },
  examples: [
    { text: "Run against the current kubeconfig context", line: "mooring agent --listen 127.0.0.1:8080" },
    { text: "Impersonate a service account by default", line: "mooring agent --default-service-account deployer" },
  ],
  async run(context) {
    const { flags, global, env, stdout, signal } = context;
    const { createLog, keepHeapSmall, runAgent } = await import("../../agent/index.ts");
    return withCluster(context, async (cluster) => {
      const log = await createLog(flags["log-level"], stdout.isTerminal);
      const options = {
        namespace: global.namespace ?? env.POD_NAMESPACE ?? usualNamespace,
        watchNamespaces: flags["watch-namespace"],
        listen: flags.listen,
        leaderElection: !flags["no-leader-election"],
        defaultServiceAccount: flags["default-service-account"],
        crossNamespaceRefs: !flags["no-cross-namespace-refs"],
        keyRenewal: { period: flags["key-renew-period"], ...cutoffOf(flags["key-cutoff-time"]) },
        clusterName: flags["cluster-name"],
        remoteBases: !flags["no-remote-bases"],
        network: networkOfAgent(flags, env, cluster.server),
        userAgent: `mooring/${programVersion}`,
      };
      keepHeapSmall();
      await runAgent(cluster, options, log, signal);
      return 0;
    });
  },
});

function cutoffOf(text: string | undefined): { readonly cutoff?: Date } {
  if (text === undefined) return {};
  const cutoff = new Date(text);
  if (!Number.isNaN(cutoff.getTime())) return { cutoff };
  const hint = "write it as 2026-11-21T03:00:00Z";
  throw new Failure("UsageInvalid", { message: `--key-cutoff-time: "${text}" is not a time`, hint });
}

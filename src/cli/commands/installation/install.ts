import { Failure } from "../../../model/failure.ts";
import { type Context, clusterAccess, defineCommand } from "../../command/command.ts";
import { usualNamespace, withCluster } from "../../environment/environments.ts";
import { agentComponents, type Tenants } from "../../install/components.ts";
import { installAgent } from "../../install/install.ts";
import { managedBy, refuseSecond, refuseUnlocking, requireNamespaces, surplusRights } from "../../install/installed.ts";

/** `mooring install`. */
export const install = defineCommand({
  description:
    "Applies the agent, its CustomResourceDefinitions and its permissions with server-side apply, and waits until the agent is ready. Run it again to upgrade to the version of this program; fields that others set on these objects are kept. An agent that is managed from Git (mooring bootstrap) is upgraded in Git.",
  arguments: {},
  flags: {
    image: { type: "string", value: "IMAGE", summary: "Agent image to use instead of the one for this version" },
    tenant: {
      type: "list",
      value: "NAMESPACE",
      names: "namespace",
      summary: "Restrict the agent to this namespace; the list is complete",
    },
    "default-service-account": {
      type: "string",
      value: "NAME",
      names: "object",
      summary: "With --tenant: service account that an Environment impersonates if it names none; defaults to deployer",
    },
    export: { type: "boolean", summary: "Print the objects as YAML without contacting a cluster" },
    "dry-run": { type: "boolean", summary: "Show what the API server would change, and write nothing" },
    timeout: { type: "duration", default: "5m", summary: "How long to wait for the agent to become ready" },
  },
  idle: [
    {
      beside: "export",
      flags: ["dry-run", "timeout", ...clusterAccess],
      why: "the objects are printed without contacting a cluster",
    },
    { beside: "dry-run", flags: ["timeout"], why: "there is nothing to wait for" },
  ],
  examples: [
    { text: "In the cluster of the current context", line: "mooring install" },
    { text: "From a registry of your own", line: "mooring install --image registry.example.com/mooring:0.1.0" },
    {
      text: "For two teams that must not reach each other",
      line: "mooring install --tenant team-a --tenant team-b",
    },
    {
      text: "Export the objects, to commit them or apply them yourself",
      line: "mooring install --export > mooring.yaml",
    },
  ],
  async run(context) {
    const { flags, global, signal, stdout } = context;
    const namespace = global.namespace ?? usualNamespace;
    const tenants = tenantsIn(flags);
    const { objects, yaml } = await agentComponents(namespace, { image: flags.image, tenants });
    if (flags.export) {
      stdout.writeData(yaml);
      return 0;
    }
    return withCluster(context, async (cluster) => {
      await refuseSecond(cluster, namespace, signal);
      const owner = await managedBy(cluster, namespace, signal);
      if (owner !== undefined) throw managesItself(owner.name, namespace);
      const how = { objects, dryRun: flags["dry-run"], timeoutMs: flags.timeout };
      if (tenants === undefined) {
        await refuseUnlocking(cluster, namespace, signal);
        await installAgent(context, cluster, how);
      } else {
        await requireNamespaces(cluster, tenants.namespaces, signal);
        const surplus = (ends: AbortSignal) => surplusRights(cluster, { namespace, tenants }, ends);
        await installAgent(context, cluster, { ...how, surplus });
      }
      if (!flags["dry-run"]) stdout.write(nextSteps(context, namespace));
      return 0;
    });
  },
});

/** Throws `Failure` (UsageInvalid) for an account without tenants. */
function tenantsIn(flags: {
  readonly tenant: readonly string[];
  readonly "default-service-account": string | undefined;
}): Tenants | undefined {
  const namespaces = [...new Set(flags.tenant)];
  const account = flags["default-service-account"];
  if (namespaces.length > 0) return { namespaces, defaultServiceAccount: account ?? "deployer" };
  if (account === undefined) return undefined;
  const hint = "without tenants it is a flag of the agent: see docs/security.md";
  throw new Failure("UsageInvalid", { message: "--default-service-account requires --tenant", hint });
}

function managesItself(environment: string, namespace: string): Failure {
  const message = `the agent is managed from Git by the Environment ${environment}`;
  const hint = "run mooring bootstrap with this version, or commit the output of mooring install --export";
  return new Failure("Conflict", { object: `Deployment/${namespace}/mooring-agent`, message, hint });
}

function nextSteps({ stdout }: Pick<Context, "stdout">, namespace: string): string {
  const { added, faint } = stdout.style;
  return `${added("The agent is ready.")} What next:
  mooring check                ${faint("does everything fit?")}
  mooring bootstrap --help     ${faint("let the agent manage itself from Git")}
  kubectl -n ${namespace} apply -f environment.yaml     ${faint("tie a folder of a repository to the cluster")}
  mooring get environments     ${faint("how the Environments are")}
`;
}

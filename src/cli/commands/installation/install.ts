import { Failure } from "../../../model/failure.ts";
import { type Context, clusterAccess, defineCommand } from "../../command/command.ts";
import { usualNamespace, withCluster } from "../../environment/environments.ts";
import { agentComponents, type Tenants } from "../../install/components.ts";
import { installAgent } from "../../install/install.ts";
import { managedBy, refuseSecond, refuseUnlocking, requireNamespaces, surplusRights } from "../../install/installed.ts";

/** `mooring install`. */
export const install = defineCommand({
  description:
    "Server-side-applies the agent, its CustomResourceDefinitions and its permissions, and waits until it is ready. Run it again to upgrade to the version of this program: what others set on the same objects stays. An agent that manages itself from Git (mooring bootstrap) is upgraded there.",
  arguments: {},
  flags: {
    image: { type: "string", value: "IMAGE", summary: "The agent's image, instead of that of this version" },
    tenant: {
      type: "list",
      value: "NAMESPACE",
      names: "namespace",
      summary: "Lock the agent down to this namespace; may be given several times, and says then all there are",
    },
    "default-service-account": {
      type: "string",
      value: "NAME",
      names: "object",
      summary:
        "With --tenant: the service account of its namespace that an Environment acts as which names none; deployer",
    },
    export: { type: "boolean", summary: "Print the objects as YAML and touch no cluster" },
    "dry-run": { type: "boolean", summary: "Ask the API server what would change, and write nothing" },
    timeout: { type: "duration", default: "5m", summary: "How long to wait until the agent is ready" },
  },
  idle: [
    {
      beside: "export",
      flags: ["dry-run", "timeout", ...clusterAccess],
      why: "the objects are printed, and no cluster is asked",
    },
    { beside: "dry-run", flags: ["timeout"], why: "nothing is waited for" },
  ],
  examples: [
    { text: "Into the cluster of the current context", line: "mooring install" },
    { text: "From a registry of your own", line: "mooring install --image registry.example.com/mooring:0.1.0" },
    {
      text: "For two teams that must not reach each other",
      line: "mooring install --tenant team-a --tenant team-b",
    },
    { text: "Commit the objects, or apply them in another way", line: "mooring install --export > mooring.yaml" },
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
  const hint = "without tenants it is an argument of the agent: see docs/security.md";
  throw new Failure("UsageInvalid", { message: "--default-service-account goes with --tenant", hint });
}

function managesItself(environment: string, namespace: string): Failure {
  const message = `the agent manages itself from Git, by the Environment ${environment}`;
  const hint = "run mooring bootstrap again with this version, or commit what mooring install --export prints";
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

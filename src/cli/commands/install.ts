import { Failure } from "../../model/failure.ts";
import { type Context, defineCommand } from "../command.ts";
import { usualNamespace, withCluster } from "../environments.ts";
import { agentComponents } from "../install/components.ts";
import { installAgent } from "../install/install.ts";
import { managedBy, refuseSecond, refuseUnlocking } from "../install/installed.ts";

/** `mooring install`. */
export const install = defineCommand({
  description:
    "Server-side-applies the agent, its CustomResourceDefinitions and its permissions, and waits until it is ready. Run it again to upgrade to the version of this program: what others set on the same objects stays. An agent that manages itself from Git (mooring bootstrap) is upgraded there.",
  arguments: {},
  flags: {
    image: { type: "string", value: "IMAGE", summary: "The agent's image, instead of that of this version" },
    export: { type: "boolean", summary: "Print the objects as YAML and touch no cluster" },
    "dry-run": { type: "boolean", summary: "Ask the API server what would change, and write nothing" },
    timeout: { type: "duration", default: "5m", summary: "How long to wait until the agent is ready" },
  },
  examples: [
    { text: "Into the cluster of the current context", line: "mooring install" },
    { text: "From a registry of your own", line: "mooring install --image registry.example.com/mooring:0.1.0" },
    { text: "Commit the objects, or apply them in another way", line: "mooring install --export > mooring.yaml" },
  ],
  async run(context) {
    const { flags, global, signal, stdout } = context;
    const namespace = global.namespace ?? usualNamespace;
    const { objects, yaml } = await agentComponents(namespace, flags);
    if (flags.export) {
      stdout.writeData(yaml);
      return 0;
    }
    return withCluster(context, async (cluster) => {
      await refuseSecond(cluster, namespace, signal);
      const owner = await managedBy(cluster, namespace, signal);
      if (owner !== undefined) throw managesItself(owner.name, namespace);
      await refuseUnlocking(cluster, namespace, signal);
      await installAgent(context, cluster, { objects, dryRun: flags["dry-run"], timeoutMs: flags.timeout });
      if (!flags["dry-run"]) stdout.write(nextSteps(context, namespace));
      return 0;
    });
  },
});

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

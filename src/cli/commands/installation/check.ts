import type { Cluster } from "../../../cluster/index.ts";
import { agentChecks } from "../../check/agent-checks.ts";
import { clusterChecks } from "../../check/cluster-checks.ts";
import { type Finding, findingsOf } from "../../check/finding.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { usualNamespace, withCluster } from "../../environment/environments.ts";
import { agentComponents, type Tenants, tenantsOf } from "../../install/components.ts";
import { findAgent } from "../../install/installed.ts";
import { documentFormats, formatDocument } from "../../print/documents.ts";
import { withProgress } from "../../print/progress.ts";
import { formatTable } from "../../print/table.ts";

/** `mooring check`. */
export const check = defineCommand({
  description:
    "Checks the Kubernetes version, server-side apply, the clocks, your permissions and the agent's, the CustomResourceDefinitions, the agent and its sealing keys. Writes nothing. The exit code is 1 if a check fails; warnings do not count.",
  arguments: {},
  flags: {
    pre: { type: "boolean", summary: "Check only the prerequisites of an installation" },
    output: {
      type: "string",
      short: "o",
      value: "FORMAT",
      choices: documentFormats,
      summary: "Print the findings as data",
    },
  },
  examples: [
    { text: "Can it be installed here?", line: "mooring check --pre" },
    { text: "Which checks do not pass?", line: "mooring check -o json | jq '.[] | select(.status != \"ok\")'" },
  ],
  async run(context) {
    const { flags, global, stdout, stderr, signal, now } = context;
    const namespace = global.namespace ?? usualNamespace;
    const findings = await withCluster(context, (cluster) =>
      withProgress(stderr, "Checking", async () => {
        const tenants = flags.pre ? undefined : await lockedTo(cluster, namespace, signal);
        const { objects } = await agentComponents(namespace, { tenants });
        return findingsOf([
          ...clusterChecks(cluster, objects, now, signal),
          ...(flags.pre ? [] : agentChecks(cluster, objects, namespace, signal)),
        ]);
      }),
    );
    stdout.write(
      flags.output === undefined ? formatFindings(findings, context) : await formatDocument(findings, flags.output),
    );
    return findings.some(({ status }) => status === "failed") ? 1 : 0;
  },
});

/** The tenants of the agent that is there; whether there is one, and may be seen, is for a check to tell. */
async function lockedTo(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Tenants | undefined> {
  try {
    return tenantsOf(await findAgent(cluster, namespace, signal));
  } catch {
    // The check of the agent asks the same, and says what is wrong.
    signal.throwIfAborted();
    return undefined;
  }
}

function formatFindings(findings: readonly Finding[], { stdout }: Pick<Context, "stdout">): string {
  const table = formatTable(
    ["check", "status", "detail"],
    findings.map(({ check: name, status, message }) => [name, status, message]),
  );
  const hints = findings.flatMap(({ check: name, hint }) => (hint === undefined ? [] : [`${name}: ${hint}`]));
  return hints.length === 0
    ? table
    : `${table}\n${hints.map((hint) => `${stdout.style.hint("hint:")} ${hint}\n`).join("")}`;
}

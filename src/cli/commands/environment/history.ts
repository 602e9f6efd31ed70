import type { HistoryEntry } from "../../../api/environment/environment-status.ts";
import { shortRevision } from "../../../model/revision.ts";
import { defineCommand } from "../../command/command.ts";
import { findEnvironment, namespaceOf, withCluster } from "../../environment/environments.ts";
import { formatAge } from "../../print/age.ts";
import { documentFormats, formatDocument } from "../../print/documents.ts";
import { formatTable } from "../../print/table.ts";

/** `mooring history NAME`. */
export const history = defineCommand({
  description:
    "Shows the last ten rollouts of an Environment, newest first: the revision, the outcome and its cause, the duration, and the digest of the plan.",
  arguments: { name: { names: "object", summary: "The Environment" } },
  flags: {
    output: { type: "string", short: "o", value: "FORMAT", choices: documentFormats, summary: "Print as data" },
  },
  examples: [
    { text: "What was rolled out last?", line: "mooring history production" },
    {
      text: "Which revisions were rolled back?",
      line: "mooring history production -o json | jq -r '.[] | select(.outcome == \"RolledBack\").revision'",
    },
  ],
  async run(context) {
    const { signal, stdout, stderr, flags, now } = context;
    const { name } = context.arguments;
    const entries = await withCluster(context, async (cluster) => {
      const { status } = await findEnvironment(cluster, { namespace: namespaceOf(context, cluster), name }, signal);
      return status.history ?? [];
    });
    if (flags.output !== undefined) stdout.writeData(await formatDocument(entries, flags.output));
    else if (entries.length === 0) stderr.line(`Environment ${name} has not rolled anything out yet.`);
    else
      stdout.write(
        formatTable(
          headings,
          entries.map((entry) => row(entry, now())),
        ),
      );
    return 0;
  },
});

const headings = ["finished", "revision", "outcome", "took", "plan", "message"];

function row(entry: HistoryEntry, now: Date): readonly string[] {
  const finished = Date.parse(entry.finished);
  const took = formatAge(finished - Date.parse(entry.started));
  const age = `${formatAge(now.getTime() - finished)} ago`;
  return [age, shortRevision(entry.revision), entry.outcome, took, entry.digest.slice(0, 12), entry.message ?? ""];
}

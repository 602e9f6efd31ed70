import type { DriftEntry } from "../../../api/environment/environment-status.ts";
import type { FieldChange } from "../../../model/plan.ts";
import { formatChanges } from "../../../plan/index.ts";
import { defineCommand } from "../../command/command.ts";
import { findEnvironment, namespaceOf, withCluster } from "../../environment/environments.ts";
import { formatAge } from "../../print/age.ts";
import { documentFormats, formatDocument } from "../../print/documents.ts";
import { asLines } from "../../print/lines.ts";
import type { Style } from "../../print/style.ts";

/** `mooring drift NAME`. */
export const drift = defineCommand({
  description:
    "Shows the drift that the agent has detected but not corrected, because spec.drift is report or because it cannot correct it. As in mooring plan, each field is shown with its value in the cluster and then its value in the repository, with who changed it and when; the values of Secrets are masked. The exit code is 0 if nothing has drifted, 1 if something has, and 2 or more if that cannot be determined.",
  arguments: { name: { names: "object", summary: "The Environment" } },
  flags: {
    output: { type: "string", short: "o", value: "FORMAT", choices: documentFormats, summary: "Print as data" },
  },
  examples: [
    { text: "What did somebody change by hand?", line: "mooring drift production" },
    { text: "Who did?", line: "mooring drift production -o json | jq -r '.[].manager' | sort | uniq -c" },
  ],
  errorExit: 2,
  async run(context) {
    const { signal, stdout, flags, now } = context;
    const { name } = context.arguments;
    const entries = await withCluster(context, async (cluster) => {
      const { status } = await findEnvironment(cluster, { namespace: namespaceOf(context, cluster), name }, signal);
      return status.drift ?? [];
    });
    if (flags.output !== undefined) stdout.writeData(await formatDocument(entries, flags.output));
    else if (entries.length === 0) stdout.line(`environment/${name} has not drifted`);
    else stdout.write(formatDrift(entries, now(), stdout.style));
    return entries.length === 0 ? 0 : 1;
  },
});

function formatDrift(entries: readonly DriftEntry[], now: Date, style: Style): string {
  const lines = [...Map.groupBy(entries, ({ object }) => object)].flatMap(([object, fields]) => {
    const since = Math.min(...fields.map((field) => Date.parse(field.since)));
    const age = style.faint(`  (for ${formatAge(now.getTime() - since)})`);
    const gone = fields.some(({ path }) => path === "");
    if (gone) return [`${style.added("+")} ${object} is gone${age}`];
    return [`${style.changed("~")} ${object}${age}`, ...formatChanges(fields.map(changeOf), style)];
  });
  return asLines(lines);
}

/** From what it is to what it would be set to, as in a plan. */
function changeOf({ path, want, live, manager }: DriftEntry): FieldChange {
  return { path, from: live, to: want, ...(manager === undefined ? {} : { manager }) };
}

import { backedUpAnnotation, keyRing, readItems, type SealingKey } from "../../../seal/index.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { formatAge } from "../../print/age.ts";
import { formatError, formatWarning } from "../../print/failure.ts";
import { formatTable } from "../../print/table.ts";
import { sealedFiles } from "../../sealing/files/sealed-files.ts";
import { manifestFiles } from "../../sealing/files/walk.ts";
import { controllerFlags, keySecrets } from "../../sealing/keys/keys.ts";

/** `mooring secrets doctor`. */
export const doctor = defineCommand({
  description:
    "Shows the cluster's sealing keys: the age of each, how many values in the repository are sealed with it, and when it was backed up. Warns if the newest key is not backed up, and if values are sealed with an older key. Values sealed with a key that the cluster does not have are errors, with exit code 1.",
  arguments: { path: { summary: "Files and folders; defaults to the current folder", many: true, optional: true } },
  flags: controllerFlags,
  unheeded: { namespace: "name the namespace of the keys with --controller-namespace" },
  examples: [{ text: "Is everything in order?", line: "mooring secrets doctor" }],
  async run(context) {
    const paths = context.arguments.path.length === 0 ? ["."] : context.arguments.path;
    const secrets = await keySecrets(context, context.flags);
    const { keys } = keyRing(secrets);
    const counts = await countByKey(context, paths);
    const backups = new Map(secrets.map(({ metadata }) => [metadata.name, metadata.annotations?.[backedUpAnnotation]]));
    const now = context.now().getTime();
    const rows = keys.map((key) => [
      key.id,
      key.name ?? "",
      formatAge(now - key.created.getTime()),
      String(counts.get(key.id) ?? 0),
      backups.get(key.name ?? "") ?? "<never>",
    ]);
    context.stdout.write(formatTable(["key", "secret", "age", "values", "backed up"], rows));
    return report(context, { keys, counts, backups });
  },
});

interface Findings {
  readonly keys: readonly SealingKey[];
  /** Values by the key they are sealed with; under the empty string those of unknown origin. */
  readonly counts: ReadonlyMap<string, number>;
  readonly backups: ReadonlyMap<string, string | undefined>;
}

async function countByKey(context: Context, paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { documents } of sealedFiles(await manifestFiles(context, paths))) {
    for (const { key = "" } of documents.flatMap(readItems)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function report({ stderr }: Context, { keys, counts, backups }: Findings): number {
  const [newest, ...older] = keys;
  const warn = (message: string, hint: string) => stderr.write(formatWarning({ message, hint }, stderr.style));
  if (newest !== undefined && backups.get(newest.name ?? "") === undefined) {
    warn(`the newest key, ${newest.id}, is in no backup`, "mooring secrets backup makes one");
  }
  const stale = older.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0);
  if (stale > 0) warn(`${values(stale)} sealed with an older key`, "mooring secrets reseal --all renews them");
  const unknown = counts.get("") ?? 0;
  if (unknown > 0)
    warn(`${values(unknown)} of unknown origin`, "mooring validate tells whether the cluster can open them");
  const foreign = [...counts].filter(([id]) => id !== "" && !keys.some((key) => key.id === id));
  const hint = "restore that key, or seal the values again; values meant for another cluster are fine";
  for (const [id, count] of foreign) {
    stderr.write(
      formatError(
        { message: `${values(count)} sealed with ${id}, which the cluster does not have`, hint },
        stderr.style,
      ),
    );
  }
  return foreign.length === 0 ? 0 : 1;
}

function values(count: number): string {
  return count === 1 ? "1 value is" : `${count} values are`;
}

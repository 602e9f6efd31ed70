import { Failure } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import { decryptBackup, keyRing } from "../../../seal/index.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { withCluster } from "../../environment/environments.ts";
import { formatError } from "../../print/failure.ts";
import { readNamed } from "../../sealing/files/files.ts";
import { backupKey, backupKeyFlags } from "../../sealing/keys/backup-key.ts";
import { controllerFlags, findKeySecrets } from "../../sealing/keys/keys.ts";

/** `mooring secrets restore FILE`. */
export const restore = defineCommand({
  description:
    "Restores the sealing keys that the cluster does not have; existing keys are left alone. The agent uses the restored keys immediately. With --dry-run nothing is written, and the exit code is 1 unless the backup contains every key of the cluster: a restore drill.",
  arguments: { file: { summary: "The backup" } },
  flags: {
    ...backupKeyFlags,
    "dry-run": { type: "boolean", summary: "Compare the backup with the cluster, and write nothing" },
    ...controllerFlags,
  },
  unheeded: { namespace: "name the namespace of the keys with --controller-namespace" },
  examples: [
    { text: "Into a new cluster", line: "mooring secrets restore keys.age --identity team.agekey" },
    { text: "Restore drill", line: "mooring secrets restore keys.age --identity team.agekey --dry-run" },
  ],
  async run(context) {
    const { file } = context.arguments;
    const text = (await readNamed(context, file)).toString();
    const key = await backupKey(context, context.flags);
    const secrets = await decryptBackup(text, key, file);
    const here = keyRing(await findKeySecrets(context, context.flags)).keys.map(({ id }) => id);
    const kept = new Map(secrets.flatMap((secret) => keyRing([secret]).keys.map(({ id }) => [id, secret] as const)));
    if (kept.size === 0) throw new Failure("UsageInvalid", { file, message: "contains no readable sealing key" });
    const missing = [...kept].filter(([id]) => !here.includes(id));
    if (context.flags["dry-run"]) return drill(context, { file, here, kept: [...kept.keys()] });
    await create(
      context,
      missing.map(([, secret]) => secret),
    );
    context.stdout.line(`${missing.length} of ${kept.size} keys restored, the others already existed`);
    return 0;
  },
});

interface Compared {
  readonly file: string;
  readonly here: readonly string[];
  readonly kept: readonly string[];
}

function drill({ stdout, stderr }: Context, { file, here, kept }: Compared): number {
  for (const id of kept) stdout.line(`${id} ${here.includes(id) ? "is in the cluster" : "would be restored"}`);
  const lost = here.filter((id) => !kept.includes(id));
  const hint = "make a new backup";
  for (const id of lost)
    stderr.write(formatError({ file, message: `lacks the key ${id} of the cluster`, hint }, stderr.style));
  return lost.length === 0 ? 0 : 1;
}

async function create(
  context: Context & { readonly flags: { readonly "controller-namespace": string | undefined } },
  secrets: readonly KubeObject[],
) {
  const namespace = context.flags["controller-namespace"];
  await withCluster(context, async (cluster) => {
    for (const secret of secrets) {
      const moved = namespace === undefined ? secret : { ...secret, metadata: { ...secret.metadata, namespace } };
      await cluster.create(moved, context.signal);
    }
  });
}

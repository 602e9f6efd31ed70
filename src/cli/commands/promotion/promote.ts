import { Failure } from "../../../model/failure.ts";
import {
  type PromotionOutcome,
  type PromotionPreview,
  previewPromotion,
  promote as step,
} from "../../../promote/index.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { namespaceOf, withCluster } from "../../environment/environments.ts";
import { documentFormats, formatDocument } from "../../print/documents.ts";
import { asLines } from "../../print/lines.ts";
import { withProgress } from "../../print/progress.ts";
import { openPromotion, promotionFlags, type Resolved, resolvePromotion } from "../../promotion/index.ts";
import { networkHere, remoteFlags } from "../../repository/remotes.ts";
import { controllerFlags, keysToOpen, privateKeyFlags } from "../../sealing/keys/keys.ts";

/** `mooring promote FROM TO`. */
export const promote = defineCommand({
  description:
    "Opens or updates one pull request that promotes the proven revision of FROM to TO. This does once, from your machine, what a Promotion does in the cluster. A revision is proven if it was applied, passed the health gate and is still healthy; a revision that failed or was rolled back is never proposed. Sealed secrets of TO are opened as in mooring plan; if you may not read the keys, the command warns you and the pull request says so. The forge, the soak time and the branch come from the Promotion between the two, if there is one. It never merges. The exit code is 0 if the pull request exists or TO already has the revision, and 1 if there is nothing proven to propose.",
  arguments: {
    from: { names: "object", summary: "Environment to promote from" },
    to: { summary: "Environment to promote to; with --path, a branch" },
  },
  flags: {
    "dry-run": { type: "boolean", summary: "Show the pull request without opening it" },
    output: { type: "string", short: "o", value: "FORMAT", choices: documentFormats, summary: "Print as data" },
    ...promotionFlags,
    ...remoteFlags,
    ...controllerFlags,
    ...privateKeyFlags,
  },
  idle: [
    {
      beside: "path",
      flags: ["recovery-private-key", "controller-namespace"],
      why: "sealed secrets of another cluster are opened there",
    },
    { beside: "recovery-private-key", flags: ["controller-namespace"], why: "the keys come from files" },
  ],
  examples: [
    { text: "What would be promoted to production?", line: "mooring promote staging production --dry-run" },
    {
      text: "Without a Promotion in the cluster",
      line: "MOORING_FORGE_TOKEN=$(pass forge) mooring promote staging production --forge github --repository acme/environment",
    },
    {
      text: "To an Environment in another cluster",
      line: "mooring promote staging production --path ./overlays/production --token-file ~/.forge-token",
    },
  ],
  async run(context) {
    const { flags, signal, stderr } = context;
    const { from, to } = context.arguments;
    return withCluster(context, async (cluster) => {
      const resolved = await resolvePromotion(context, cluster, namespaceOf(context, cluster), { from, to, flags });
      refuseIdleKeys(resolved, flags);
      const { task, tools, close } = await openPromotion(
        {
          ...context,
          remotes: { allowed: !flags["no-remote-bases"], network: networkHere(flags, "none") },
          keys: () => keysToOpen(context, flags),
        },
        cluster,
        resolved,
      );
      try {
        return await withProgress(stderr, `Promoting ${from}`, async () =>
          flags["dry-run"]
            ? showPreview(await previewPromotion(task, tools, signal), context)
            : showOutcome(await step(task, tools, signal), context),
        );
      } finally {
        await close();
      }
    });
  },
});

/** Throws `Failure` (UsageInvalid) for keys that nothing would be opened with. */
function refuseIdleKeys(
  { target }: Resolved,
  flags: { readonly "recovery-private-key": readonly string[]; readonly "controller-namespace": string | undefined },
): void {
  if (target?.spec.kubeConfig === undefined) return;
  const given = [
    ...(flags["recovery-private-key"].length === 0 ? [] : ["--recovery-private-key"]),
    ...(flags["controller-namespace"] === undefined ? [] : ["--controller-namespace"]),
  ];
  if (given.length === 0) return;
  const message = `${given.join(", ")} ${given.length === 1 ? "has" : "have"} no effect: ${target.metadata.name} is in another cluster, where its secrets are opened`;
  throw new Failure("UsageInvalid", { message, hint: "leave it out" });
}

type Printing = Pick<Context, "stdout"> & { readonly flags: { readonly output: "json" | "yaml" | undefined } };

async function showOutcome(outcome: PromotionOutcome, { stdout, flags }: Printing): Promise<number> {
  const { action, ready, reason, message, request, evidence } = outcome;
  const data = { action, reason, message, pullRequest: request, evidence };
  if (flags.output !== undefined) stdout.writeData(await formatDocument(data, flags.output));
  else stdout.write(asLines([message, ...(request === undefined ? [] : [request.url])]));
  return ready === "True" ? 0 : 1;
}

async function showPreview(preview: PromotionPreview, { stdout, flags }: Printing): Promise<number> {
  const { action, message, request, evidence, text, fine } = preview;
  const { number, url, state } = request ?? {};
  const pullRequest = request === undefined ? undefined : { number, url, state };
  if (flags.output !== undefined) {
    stdout.writeData(await formatDocument({ action, message, pullRequest, evidence, ...text }, flags.output));
  } else {
    stdout.write(
      `${asLines([message, ...(text === undefined ? [] : ["", `# ${text.title}`, ""])])}${text?.body ?? ""}`,
    );
  }
  return fine ? 0 : 1;
}

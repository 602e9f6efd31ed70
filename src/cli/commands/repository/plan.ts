import { Failure, toFailure } from "../../../model/failure.ts";
import type { Plan } from "../../../model/plan.ts";
import { shortRevision } from "../../../model/revision.ts";
import { changes } from "../../../plan/index.ts";
import { formatPlanMarkdown } from "../../../promote/index.ts";
import type { Unseal } from "../../../rollout/index.ts";
import { isSealedSecret, unsealManifests } from "../../../seal/index.ts";
import { type Context, clusterAccess, defineCommand } from "../../command/command.ts";
import { namespaceOf, usualNamespace, withCluster } from "../../environment/environments.ts";
import { type Preview, previewEnvironment, previewFolder } from "../../environment/preview.ts";
import { type CommentFlags, comment } from "../../forge/comment.ts";
import { forgeFlagNames, forgeFlags } from "../../forge/forge.ts";
import { type DocumentFormat, documentFormats, formatDocument } from "../../print/documents.ts";
import { formatWarning } from "../../print/failure.ts";
import { asLines } from "../../print/lines.ts";
import { formatDangers, formatPlan } from "../../print/plan.ts";
import { withProgress } from "../../print/progress.ts";
import { type Checkout, openCheckout, seenFrom } from "../../repository/checkout.ts";
import { planOffline } from "../../repository/offline.ts";
import { networkHere, type RemoteAccess, type RemoteFlags, remoteFlags } from "../../repository/remotes.ts";
import { controllerFlags, keysToOpen, privateKeyFlags } from "../../sealing/keys/keys.ts";

/** `mooring plan DIR|ENVIRONMENT`. */
export const plan = defineCommand({
  description:
    "Shows every object that would be created, changed or deleted, field by field, using the same code as the agent. Writes nothing and masks the values of Secrets. A plain word names an Environment, which is planned at the newest revision of its repository. Anything with a slash, and a dot, names a folder, which is planned as it is on disk. With --offline, a folder is compared with its own state at another Git revision, without a cluster. The exit code is 0 if there is nothing to do, 1 if there are changes, and 2 or more if planning failed.",
  arguments: { subject: { summary: "Environment, or folder such as ./overlays/production" } },
  flags: {
    environment: {
      type: "string",
      short: "e",
      value: "NAME",
      names: "object",
      summary: "Plan the folder for this Environment; defaults to the one that follows the folder",
    },
    offline: { type: "boolean", summary: "Compare with the Git revision in --base instead of a cluster" },
    base: { type: "string", value: "REF", summary: "Git revision to compare with, with --offline" },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["text", "markdown"],
      default: "text",
      summary: "Output for a terminal or for a pull request",
    },
    comment: {
      type: "boolean",
      summary:
        "Post the plan as a comment on the pull request and keep it up to date; in CI the forge and the pull request are detected",
    },
    "pull-request": { type: "string", value: "NUMBER", summary: "Pull request to comment on, outside CI" },
    ...forgeFlags,
    output: {
      type: "string",
      short: "o",
      value: "FORMAT",
      choices: documentFormats,
      summary: "Print the plan as data",
    },
    "remote-bases": {
      type: "boolean",
      summary: "With --offline: fetch remote bases and files from public hosts; refused by default",
    },
    ...remoteFlags,
    ...controllerFlags,
    ...privateKeyFlags,
  },
  idle: [
    {
      beside: "offline",
      flags: ["environment", "recovery-private-key", "controller-namespace", ...clusterAccess],
      why: "the folder is compared with --base, without a cluster, an Environment or keys",
    },
    { without: "offline", flags: ["remote-bases"], why: "an Environment's remote bases are fetched anyway" },
    { without: "comment", flags: ["pull-request", ...forgeFlagNames], why: "nothing else needs a forge" },
    { beside: "output", flags: ["format"], why: "--output decides the format" },
    { beside: "recovery-private-key", flags: ["controller-namespace"], why: "the keys come from files" },
    { beside: "no-remote-bases", flags: ["remote-bases"], why: "no remote bases are fetched" },
  ],
  examples: [
    { text: "What would the next rollout do?", line: "mooring plan production" },
    { text: "What would it do with the files on disk?", line: "mooring plan ./overlays/production" },
    {
      text: "In a pull request, without access to the cluster",
      line: "mooring plan --offline --base origin/main --format markdown overlays/production/",
    },
    {
      text: "In CI, as a comment on the pull request",
      line: "mooring plan --offline --base origin/production --format markdown --comment overlays/production/",
    },
    {
      text: "Which objects would be deleted?",
      line: "mooring plan production -o json | jq '.actions[] | select(.action.type == \"delete\").id'",
    },
  ],
  errorExit: 2,
  async run(context) {
    const { flags, cwd, signal, stderr } = context;
    const { subject } = context.arguments;
    const unseal: Unseal = async (manifests) =>
      manifests.some(({ object }) => isSealedSecret(object))
        ? unsealManifests(manifests, await keysToOpen(context, flags))
        : manifests;
    if (flags.offline || flags.base !== undefined) {
      const { plan: made, heading: title } = await offline(context, subject, flags);
      return show(made, title, context);
    }
    if (flags.environment !== undefined && !isFolder(subject)) {
      const message = `--environment has no effect: ${subject} is an Environment, not a folder`;
      throw new Failure("UsageInvalid", { message, hint: `the folder of that name is ./${subject}` });
    }
    const checkout = isFolder(subject) ? await openCheckout(subject, cwd) : undefined;
    const preview = await withCluster(context, (cluster) => {
      return withProgress(stderr, `Planning ${subject}`, (say) => {
        const onAsk = (url: string) => say(`Fetching ${url}`);
        const remotes = { allowed: !flags["no-remote-bases"], network: networkHere(flags, "none"), onAsk };
        const within = { cluster, namespace: namespaceOf(context, cluster), unseal, remotes, signal };
        return checkout === undefined
          ? previewEnvironment(within, subject)
          : previewFolder(within, checkout, flags.environment).catch(inFolder(checkout, cwd));
      });
    });
    return show(preview.plan, heading(preview), context);
  },
});

type ShowFlags = PrintFlags & CommentFlags & { readonly comment: boolean };

/** Prints the plan, and comments where it is asked to. The exit code says whether there is anything to do. */
async function show(
  made: Plan,
  title: string,
  context: Pick<Context, "stdout" | "stderr" | "env" | "cwd" | "signal"> & {
    readonly flags: ShowFlags;
    readonly arguments: { readonly subject: string };
  },
): Promise<number> {
  const { flags, stderr } = context;
  const code = await print(made, title, context);
  if (flags.comment) {
    const marker = `<!-- mooring plan ${context.arguments.subject.replaceAll(/[^\w./-]/g, "")} -->`;
    stderr.line(await comment(context, marker, formatPlanMarkdown(title, made)));
  }
  return code;
}

interface PrintFlags {
  readonly output: DocumentFormat | undefined;
  readonly format: "text" | "markdown";
}

async function print(
  made: Plan,
  title: string,
  to: Pick<Context, "stdout"> & { readonly flags: PrintFlags },
): Promise<number> {
  const { stdout, flags } = to;
  if (flags.output !== undefined) stdout.writeData(await formatDocument(made, flags.output));
  else if (flags.format === "markdown") stdout.write(formatPlanMarkdown(title, made));
  else stdout.write(`${asLines([title, ""])}${formatDangers(made, stdout.style)}${formatPlan(made, stdout.style)}`);
  return changes(made).length === 0 ? 0 : 1;
}

interface OfflineFlags extends RemoteFlags {
  readonly offline: boolean;
  readonly base: string | undefined;
  readonly "remote-bases": boolean;
}

async function offline(
  { cwd, global, signal, stderr }: Pick<Context, "cwd" | "global" | "signal" | "stderr">,
  subject: string,
  { offline: wanted, base, ...flags }: OfflineFlags,
): Promise<{ readonly plan: Plan; readonly heading: string }> {
  if (!wanted || base === undefined) {
    const hint = "for instance: mooring plan --offline --base origin/main ./overlays/production";
    throw new Failure("UsageInvalid", { message: "--offline and --base must be used together", hint });
  }
  const checkout = await openCheckout(subject, cwd);
  const namespace = global.namespace ?? usualNamespace;
  const planned = withProgress(stderr, `Planning ${subject}`, (say) => {
    const remotes = { ...offlineAccess(flags), onAsk: (url: string) => say(`Fetching ${url}`) };
    return planOffline({ checkout, ref: base, namespace, remotes }, signal);
  });
  const { base: commit, plan: made, broken } = await planned.catch(inFolder(checkout, cwd));
  const since = `${checkout.path || "."} since ${base} (${commit.slice(0, 7)})`;
  if (broken === undefined) return { plan: made, heading: since };
  // Its files are those of another commit: their places are not of this checkout.
  for (const problem of broken.problems) {
    stderr.write(formatWarning({ ...problem, message: `${base} is broken: ${problem.message}` }, stderr.style));
  }
  return { plan: made, heading: `${since}, which is broken: planned against nothing` };
}

/**
 * Who may open pull requests chooses what the machine that plans them asks for: nothing, unless it was said. `--remote-host`
 * says it of these hosts, `--remote-bases` of all public ones.
 */
function offlineAccess(flags: Omit<OfflineFlags, "offline" | "base">): RemoteAccess {
  const asked = flags["remote-bases"] || flags["remote-host"].length > 0;
  const network = networkHere(flags, flags["remote-bases"] ? "public" : "none");
  const hint = "use --remote-host HOST or --remote-bases to fetch it, if you trust the author";
  return { allowed: asked && !flags["no-remote-bases"], network, ...(asked ? {} : { hint }) };
}

const isFolder = (subject: string) => subject === "." || subject === ".." || subject.includes("/");

function inFolder(checkout: Checkout, cwd: string) {
  return (thrown: unknown): never => {
    throw seenFrom(cwd, checkout.root, toFailure(thrown));
  };
}

function heading({ environment, revision }: Preview): string {
  const { name, namespace, uid } = environment.metadata;
  const state = uid === undefined ? " (which does not exist yet)" : "";
  return `Environment ${namespace}/${name}${state} at ${shortRevision(revision)}`;
}

/** `npm run demo`: the main job on real parts, every step of it checked. */
import { parseArgs } from "node:util";
import { formatFailure } from "../../src/cli/print/failure.ts";
import { Failure, toFailure } from "../../src/model/failure.ts";
import { checkPrerequisites } from "../toolchain/prerequisites.ts";
import { StepFailed } from "./check.ts";
import { createNarrator, type Narrator, seconds } from "./narrator.ts";
import { type Play, plainDemo } from "./play.ts";
import { mooring } from "./repository.ts";
import { type Beginning, lastWords, type Stage } from "./scene.ts";
import { wholeStory } from "./story/story.ts";

const usage = `Shows what Mooring does, on a real Kubernetes control plane, in less than a minute.

Usage: npm run demo [-- FLAGS]

  --full             The whole story instead, with a real Gitea: from a push to production, and back
  --keep             Leave everything running in the end, until Ctrl-C
  --kubeconfig FILE  Use an existing cluster, in namespaces that are removed in the end
  --context NAME     Use this context of the kubeconfig
  --help             Show this
`;

interface Options {
  readonly full: boolean;
  readonly keep: boolean;
  readonly help: boolean;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

async function main(args: readonly string[]): Promise<number> {
  const narrator = createNarrator(process.stdout, process.env);
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interrupted.abort());
  // Nobody reads on: the terminal was closed, or the pipe's other end. There is still something to tidy up.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => interrupted.abort());
  try {
    const options = readOptions(args);
    if (options.help) process.stdout.write(usage);
    return options.help ? 0 : await playAndTidyUp(options, narrator, interrupted.signal);
  } catch (thrown) {
    if (interrupted.signal.aborted && !(thrown instanceof SuppressedError)) return 130;
    process.stderr.write(describe(thrown, narrator));
    return 1;
  }
}

/** However it ends, what was started is ended and what was made is removed. */
async function playAndTidyUp(options: Options, narrator: Narrator, signal: AbortSignal): Promise<number> {
  const borrows = options.kubeconfig !== undefined || options.context !== undefined;
  await checkPrerequisites([
    ...(borrows ? [] : ["control plane" as const]),
    ...(options.full ? ["gitea" as const] : []),
  ]);
  await using stack = new AsyncDisposableStack();
  try {
    const play = options.full ? wholeStory : plainDemo;
    return await perform(play, { choice: options, narrator, stack, signal }, options.keep);
  } finally {
    narrator.heading("Tidying up.");
  }
}

/** Throws `Failure` (UsageInvalid). */
function readOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { full: flag, keep: flag, help: flag, kubeconfig: text, context: text },
    });
    return { ...values, kubeconfig: values.kubeconfig, context: values.context };
  } catch (thrown) {
    throw new Failure("UsageInvalid", { message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

/** Everything, to the end; 1 as soon as a step is not true. */
async function perform(play: Play, beginning: Beginning, keepOn: boolean): Promise<number> {
  const { narrator } = beginning;
  narrator.heading(play.opening);
  const started = Date.now();
  const { stage, steps, hints } = await play.begin(beginning);
  for (const [index, { title, show }] of steps.entries()) {
    narrator.heading(`${index + 1}. ${title}`);
    if (!(await isTrue(`step ${index + 1} is not true: ${title}`, show, stage))) return 1;
  }
  narrator.heading(
    `All ${steps.length} steps were true, checked against ${play.witnesses}, in ${seconds(Date.now() - started)}.`,
  );
  const table = await mooring(stage.cluster, ["get", "environments"], { cwd: stage.tree.dir });
  for (const line of ["mooring get environments", ...table.trimEnd().split("\n")]) narrator.line(line);
  if (keepOn) await keep(stage, hints);
  return 0;
}

async function isTrue(
  otherwise: string,
  show: () => Promise<void>,
  { agent, narrator, signal }: Stage,
): Promise<boolean> {
  try {
    await show();
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    process.stderr.write(`${narrator.style.removed(`✗ ${otherwise}`)}\n`);
    process.stderr.write(`${describe(thrown, narrator)}${narrator.style.faint(lastWords(agent))}\n`);
    return false;
  }
}

function describe(thrown: unknown, narrator: Narrator): string {
  if (thrown instanceof SuppressedError)
    return describe(thrown.suppressed, narrator) + describe(thrown.error, narrator);
  if (thrown instanceof StepFailed) return `${thrown.message}\n`;
  return formatFailure(toFailure(thrown), narrator.style, false);
}

/** Waits for Ctrl-C, having said what there is to play with. */
async function keep({ cluster, tree, narrator, signal }: Stage, hints: readonly string[]): Promise<void> {
  const flags = cluster.flags.join(" ");
  narrator.heading("Everything goes on running. In another terminal, for example:");
  for (const line of [
    `alias k="kubectl ${flags}"`,
    "k get environments --all-namespaces",
    "k --namespace shop-production delete service storefront    # and look again",
    `cd ${tree.dir}    # the work tree: edit, git commit, git push`,
    ...hints,
    `npm run -s mooring -- get environments ${flags}`,
    `npm run -s mooring -- plan production ${flags}`,
  ]) {
    narrator.line(line);
  }
  narrator.heading("Ctrl-C ends it all and leaves nothing.");
  // A pending promise alone does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  clearInterval(alive);
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run demo`: the main job on real parts, every step of it checked. */
import { parseArgs } from "node:util";
import { formatFailure } from "../../src/cli/print/failure.ts";
import { Failure, toFailure } from "../../src/model/failure.ts";
import { checkPrerequisites } from "../toolchain/prerequisites.ts";
import { StepFailed } from "./check.ts";
import { createNarrator, type Narrator, seconds } from "./narrator.ts";
import { mooring } from "./repository.ts";
import { lastWords, type Scene, setScene } from "./scene.ts";
import { type Step, steps } from "./steps.ts";

const usage = `Shows what Mooring does, on a real Kubernetes control plane, in less than a minute.

Usage: npm run demo [-- FLAGS]

  --keep             Leave everything running in the end, until Ctrl-C
  --kubeconfig FILE  Use an existing cluster, in namespaces that are removed in the end
  --context NAME     Use this context of the kubeconfig
  --help             Show this
`;

interface Options {
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
  if (options.kubeconfig === undefined && options.context === undefined) await checkPrerequisites(["control plane"]);
  await using stack = new AsyncDisposableStack();
  try {
    return await play(options, narrator, stack, signal);
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
      options: { keep: flag, help: flag, kubeconfig: text, context: text },
    });
    return { ...values, kubeconfig: values.kubeconfig, context: values.context };
  } catch (thrown) {
    throw new Failure("UsageInvalid", { message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

/** Everything, to the end; 1 as soon as a step is not true. */
async function play(
  options: Options,
  narrator: Narrator,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<number> {
  narrator.heading("Mooring keeps a cluster as Git says. The stage:");
  const started = Date.now();
  const scene = await setScene(options, narrator, stack, signal);
  for (const [index, step] of steps.entries()) {
    narrator.heading(`${index + 1}. ${step.title}`);
    if (!(await isTrue(step, `step ${index + 1}`, scene))) return 1;
  }
  narrator.heading(
    `All ${steps.length} steps were true, checked against the API server, in ${seconds(Date.now() - started)}.`,
  );
  const table = await mooring(scene.cluster, ["get", "environments"], { cwd: scene.tree.dir });
  for (const line of ["mooring get environments", ...table.trimEnd().split("\n")]) narrator.line(line);
  if (options.keep) await keep(scene);
  return 0;
}

async function isTrue({ title, play: show }: Step, number: string, scene: Scene): Promise<boolean> {
  try {
    await show(scene);
    return true;
  } catch (thrown) {
    scene.signal.throwIfAborted();
    const { style } = scene.narrator;
    process.stderr.write(`${style.removed(`✗ ${number} is not true: ${title}`)}\n`);
    process.stderr.write(`${describe(thrown, scene.narrator)}${style.faint(lastWords(scene.agent))}\n`);
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
async function keep({ cluster, tree, narrator, signal }: Scene): Promise<void> {
  const flags = cluster.flags.join(" ");
  narrator.heading("Everything goes on running. In another terminal, for example:");
  for (const line of [
    `alias k="kubectl ${flags}"`,
    "k get environments --all-namespaces",
    "k --namespace shop-production delete service storefront    # and look again",
    `cd ${tree.dir}    # the work tree: edit, git commit, git push`,
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

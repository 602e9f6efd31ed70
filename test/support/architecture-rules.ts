import { posix } from "node:path";
import { importCircles } from "./import-circles.ts";

/** A source file: its path from the root of the project, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The rooms of `src/`, in the order in which the data passes through them: a room imports only from those before it. */
export const rooms: readonly string[] = [
  "model",
  "api",
  "template",
  "clock",
  "source",
  "render",
  "seal",
  "plan",
  "health",
  "sandbox",
  "cluster",
  "rollout",
  "environment",
  "promote",
  "notify",
  "agent",
  "cli",
];

/** Rooms that decide and never act, and the Node modules that each may use nevertheless. */
const pureRooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  api: [],
  template: ["node:crypto"],
  render: ["node:crypto"],
  seal: ["node:crypto", "node:util"],
  plan: ["node:crypto"],
  health: [],
};

/** Rooms that see nothing but the first ones, not even each other. */
const secluded = ["template", "render", "seal", "plan", "health"];

/** What they see. */
const seenBySecluded = ["model", "api", "template"];

/** Rooms whose files are imported one by one; every other room has a door, `index.ts`. */
const open = ["model", "api"];

const impurities: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w])process(?=[.[])/, "process"],
  [/\bDate\.now\b/, "Date.now"],
  [/\bnew Date\(\s*\)/, "new Date()"],
  [/\bMath\.random\b/, "Math.random"],
  [/(?<![.\w])performance(?=\.)/, "performance"],
  [/(?<![.\w])(?:setTimeout|setInterval|setImmediate)\(/, "a timer"],
  [/(?<![.\w])fetch\(/, "fetch"],
  [/(?<![.\w])console(?=\.)/, "console"],
  [/^(?:export )?(?:let|var) /m, "a module variable that changes"],
];

/** Sealing needs it; everything else must come out the same every time. */
const randomness = [/\b(?:randomBytes|getRandomValues|randomUUID|randomInt)\b/, "randomness"] as const;

/** What opens for who holds the keys, without asking whose rights it is done by: for the command line alone. */
const forKeyHolders = /\b(?:vouchAsKeyHolder|unsealObject|explainToKeyHolder|as Vouched)\b/;

/** What is called back by a timer may throw: only where `clock` makes it does that not end the program. */
const timers = /(?<![.\w]|await )(?:setTimeout|setInterval|setImmediate)\(/;

/** The agent brings a logger, metrics and an HTTP server: no command loads them but the one that starts it, when it runs. */
const startsAgent = "src/cli/commands/agent.ts";

const emptyNames = /^(?:utils?|helpers?|common|lib)$/;
const lineLimit = 400;
/** Source files side by side in a folder. */
const folderLimit = 14;

/** Catches without a look at what was thrown: `.catch(() => …)`, `catch {}`. */
const swallowing = /\.catch\(\s*\(\s*\)\s*=>|\bcatch\s*\{\s*\}/;

/** Where that is right, with the reason. */
const maySwallow: Readonly<Record<string, string>> = {
  "src/source/git/objects/git-tree.ts": "forgets what could not be read; who asked hears of it",
  "src/source/git/signature/openpgp-signature.ts": "what is no signature is none; the library has no code for it",
  "src/render/generate/helm.ts": "a path that is not there is no local chart",
  "src/cli/print/ask.ts": "the terminal is given back as far as that is possible",
  "src/cli/bootstrap/commit.ts": "git without an identity has none",
  "src/seal/documents/splice.ts": "what was caught is thrown below in its own words",
  "src/cluster/operations/watch-stream.ts": "what was caught is thrown below, without the line",
  "src/agent/lease.ts": "a try that is made again",
};

/** Everything in which the files break the rules of the house, one line each; empty where they keep them. */
export function violations(files: readonly SourceFile[]): readonly string[] {
  return [
    ...files.flatMap((file) => [
      ...breaksShape(file),
      ...breaksLayers(file),
      ...breaksPurity(file),
      ...opensUnasked(file),
      ...breaksTimers(file),
      ...swallows(file),
    ]),
    ...breaksFolders(files),
    ...breaksCircles(files),
  ];
}

/** Tests beside the sources do not count. */
function breaksFolders(files: readonly SourceFile[]): readonly string[] {
  const counted = files.filter(({ path }) => !path.startsWith("src/") || !isTest(path));
  return [...Map.groupBy(counted, ({ path }) => posix.dirname(path))]
    .filter(([, inside]) => inside.length > folderLimit)
    .map(([folder, { length }]) => `${folder}: ${length} files side by side, more than ${folderLimit}`);
}

/** Imports of types count: who reads one of the files has to read all of them. */
function breaksCircles(files: readonly SourceFile[]): readonly string[] {
  const sources = files.filter(({ path }) => path.startsWith("src/") && !isTest(path));
  const imports = new Map(sources.map((file) => [file.path, localImportsOf(file)]));
  return importCircles(imports).map((circle) => `import circle: ${circle.join(", ")}`);
}

/** An error is told, handled by its name, or a bug that is logged. */
function swallows({ path, text }: SourceFile): readonly string[] {
  if (roomOf(path) === undefined || isTest(path) || maySwallow[path] !== undefined) return [];
  const [found] = swallowing.exec(withoutComments(text)) ?? [];
  return found === undefined ? [] : [`${path}: ${found} swallows an error without a look at it`];
}

function opensUnasked({ path, text }: SourceFile): readonly string[] {
  const room = roomOf(path);
  if (room === undefined || room === "seal" || room === "cli" || isTest(path)) return [];
  const [found] = forKeyHolders.exec(withoutComments(text)) ?? [];
  return found === undefined ? [] : [`${path}: ${room} must ask before it opens, and not use ${found}`];
}

function breaksShape({ path, text }: SourceFile): readonly string[] {
  const lines = text.split("\n").length - 1;
  const names = path.replace(/(?:\.test)?\.ts$/, "").split("/");
  return [
    ...(lines > lineLimit ? [`${path}: ${lines} lines, more than ${lineLimit}`] : []),
    ...names.filter((name) => emptyNames.test(name)).map((name) => `${path}: "${name}" does not say what it is for`),
    ...(/^export default\b/m.test(withoutComments(text)) ? [`${path}: exports a default`] : []),
  ];
}

function breaksLayers(file: SourceFile): readonly string[] {
  const room = roomOf(file.path);
  if (room === undefined || isTest(file.path)) return [];
  return importsOf(file).flatMap((specifier) => {
    if (!specifier.startsWith(".")) return [];
    const target = posix.join(posix.dirname(file.path), specifier);
    const targetRoom = roomOf(target);
    if (targetRoom === room || target === "package.json") return [];
    if (targetRoom === undefined) return [`${file.path}: imports ${target}, which is in no room`];
    const broken: string[] = [];
    if (!mayImport(room, targetRoom)) broken.push(`${file.path}: ${room} must not import ${targetRoom}`);
    if (room === "cli" && targetRoom === "agent" && !loadsLate(file, specifier))
      broken.push(`${file.path}: only ${startsAgent} imports agent, and only when it runs`);
    if (!open.includes(targetRoom) && target !== `src/${targetRoom}/index.ts`)
      broken.push(`${file.path}: imports ${target} instead of src/${targetRoom}/index.ts`);
    return broken;
  });
}

/** The agent in the command that starts it, by `await import(…)` within the function that runs it. */
function loadsLate({ path, text }: SourceFile, specifier: string): boolean {
  const isLate = new RegExp(`^\\s+.*\\bawait import\\("${RegExp.escape(specifier)}"\\)`, "m");
  return path === startsAgent && isLate.test(text) && !text.includes(`from "${specifier}"`);
}

function mayImport(from: string, to: string): boolean {
  if (from === "main") return true;
  if (secluded.includes(from) && !seenBySecluded.includes(to)) return false;
  return rooms.indexOf(to) < rooms.indexOf(from);
}

function breaksPurity(file: SourceFile): readonly string[] {
  const room = roomOf(file.path);
  const allowed = room === undefined ? undefined : pureRooms[room];
  if (allowed === undefined || isTest(file.path)) return [];
  const code = withoutTexts(withoutComments(file.text));
  const forbidden = room === "seal" ? impurities : [...impurities, randomness];
  return [
    ...importsOf(file)
      .filter((specifier) => specifier.startsWith("node:") && !allowed.includes(specifier))
      .map((specifier) => `${file.path}: ${room} is pure and must not import ${specifier}`),
    ...forbidden
      .filter(([pattern]) => pattern.test(code))
      .map(([, what]) => `${file.path}: ${room} is pure and must not use ${what}`),
  ];
}

function breaksTimers({ path, text }: SourceFile): readonly string[] {
  const room = roomOf(path);
  if (room === undefined || room === "clock" || room in pureRooms || isTest(path)) return [];
  return timers.test(withoutTexts(withoutComments(text))) ? [`${path}: makes a timer that clock did not make`] : [];
}

/** The room a file is in; `main` for the program itself, undefined outside `src/`. */
function roomOf(path: string): string | undefined {
  if (path === "src/main.ts") return "main";
  const [top, room] = path.split("/");
  return top === "src" && room !== undefined && rooms.includes(room) ? room : undefined;
}

const isTest = (path: string) => path.endsWith(".test.ts");

/** The paths of the files that a file imports, from the root of the project. */
function localImportsOf(file: SourceFile): readonly string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(file.path), specifier));
}

/** What a file imports: statically, dynamically, for types or for re-export. */
function importsOf({ text }: SourceFile): readonly string[] {
  const pattern = /(?:^\s*(?:import|export)\b[^;"]*?\bfrom\s*|^\s*import\s*|\bimport\(\s*)"([^"]+)"/gm;
  return [...withoutComments(text).matchAll(pattern)].map((match) => match[1] ?? "");
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
}

/** The code without what stands between quotes; code within `${}` of a template goes as well. */
function withoutTexts(text: string): string {
  return text.replaceAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '""');
}

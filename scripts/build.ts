import { chmodSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { singleFile } from "./single-file.ts";

/**
 * Bundles the program into `mooring.js`: one file that needs Node and nothing else, with the licences of what it contains
 * beside it. They go to `dist`, or to the folder given as argument.
 */

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "dist"));
const program = join(folder, "mooring.js");
const oldestNode = 24;

// The import comes first: it tells Node at the first word that this is an ES module, wherever the file is put.
const head = `#!/usr/bin/env node
import module from "node:module";
// Mooring. The licences of the packages within are in LICENSES.txt.
if (Number.parseInt(process.versions.node, 10) < ${oldestNode}) {
  console.error("error: mooring needs Node ${oldestNode} or newer; this is " + process.version);
  process.exit(1);
}
`;

/** What CommonJS packages expect to find around them. */
const surroundings = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url), __dirname = import.meta.dirname;`;

/**
 * A package that is imported when it is needed gives the same names as it does in Node: esbuild knows no names of a
 * CommonJS package, and Node itself is asked for them.
 */
const namesOfLatePackages: Plugin = {
  name: "names-of-late-packages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "dynamic-import" && !isBuiltin(path) ? { path, namespace: "late" } : undefined,
    );
    onLoad({ filter: /./, namespace: "late" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name));
      return { contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`, resolveDir: root };
    });
  },
};

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { main: "src/main.ts", worker: "src/sandbox/worker/main.ts" },
  outdir: folder,
  bundle: true,
  splitting: true,
  write: false,
  minify: true,
  keepNames: true,
  legalComments: "none",
  platform: "node",
  format: "esm",
  target: `node${oldestNode}`,
  banner: { js: surroundings },
  // Native accelerators that their packages do without.
  external: ["*.node", "cpu-features"],
  plugins: [namesOfLatePackages],
  metafile: true,
  logLevel: "warning",
});

mkdirSync(folder, { recursive: true });
const chunks = Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
writeFileSync(program, head + singleFile(chunks, "main.js", { "--as-sandbox-worker": "worker.js" }));
chmodSync(program, 0o755);

const packages = bundledPackages(Object.keys(metafile.inputs));
writeFileSync(join(folder, "LICENSES.txt"), packages.map(licenceOf).join(`\n${"=".repeat(80)}\n\n`));
const megabytes = (statSync(program).size / 1e6).toFixed(1);
console.log(`${relative(process.cwd(), program)}: ${megabytes} MB, with ${packages.length} packages`);

/** The folders of the packages that the bundle holds code of, from the root of the project. */
function bundledPackages(inputs: readonly string[]): readonly string[] {
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders.filter((found) => found !== undefined))].sort();
}

function licenceOf(packageFolder: string): string {
  const path = join(root, packageFolder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const texts = globSync("{LICENSE,LICENCE,License,license,COPYING,NOTICE}*", { cwd: path })
    .filter((file) => statSync(join(path, file)).isFile())
    .map((file) => readFileSync(join(path, file), "utf8"));
  return [`${name} ${version} (${license})\n`, ...texts].join("\n");
}

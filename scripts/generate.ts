import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { environmentCrd, promotionCrd } from "../src/api/crd.ts";
import { registry } from "../src/cli/index.ts";
import { cliReference } from "./cli-reference.ts";
import { schemaTable } from "./generate-schema.ts";
import { resourceReference } from "./resource-reference.ts";
import { contributing } from "./room-map.ts";

/**
 * Writes every file that is made from the sources. With `--check` it writes nothing and fails where a file is not what
 * the sources say.
 */

const root = resolve(import.meta.dirname, "..");

/** Files by their path from the root of the project. */
type Generated = Readonly<Record<string, string>>;

const generators: readonly (() => Promise<Generated>)[] = [
  async () => ({ "manifests/crds/environments.yaml": yaml(environmentCrd()) }),
  async () => ({ "manifests/crds/promotions.yaml": yaml(promotionCrd()) }),
  async () => ({ "docs/reference/environment.md": resourceReference(environmentCrd()) }),
  async () => ({ "docs/reference/promotion.md": resourceReference(promotionCrd()) }),
  async () => ({ "docs/reference/cli.md": await cliReference(registry) }),
  async () => ({ "CONTRIBUTING.md": contributing(root) }),
  () => schemaTable(process.argv.includes("--check")),
];

const made: Generated = Object.assign({}, ...(await Promise.all(generators.map((generate) => generate()))));
const files: Generated = { ...made, ...installedManifests(made) };
const stale = Object.entries(files).filter(([path, content]) => current(path) !== content);

if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`error: ${path} is not what the sources say; run "npm run generate"`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, content] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    console.log(`wrote ${relative(process.cwd(), join(root, path))}`);
  }
}

/** What `mooring install` applies, within the program: the files of `manifests/`, those that are made now among them. */
function installedManifests(fresh: Generated): Generated {
  const paths = globSync("manifests/**/*.yaml", { cwd: root }).sort();
  const texts = [...new Set([...paths, ...Object.keys(fresh).filter((path) => path.startsWith("manifests/"))])].sort();
  const contents = texts.map((path) => [relative("manifests", path), fresh[path] ?? current(path) ?? ""]);
  return { "src/cli/install/manifests.json": `${JSON.stringify(Object.fromEntries(contents), undefined, 2)}\n` };
}

/** Values that the CRD takes from a shared constant are written out each time: no anchors. */
function yaml(object: unknown): string {
  return stringify(object, { aliasDuplicateObjects: false, lineWidth: 120 });
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { runMooring } from "../cli/run-mooring.ts";
import type { GitServer } from "../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import { StepFailed } from "./check.ts";
import type { DemoCluster } from "./cluster.ts";

/** The folder of what newcomers read. */
export const examples = join(import.meta.dirname, "../../examples");

/** The file with the values that an environment's `database.yaml` is sealed from. */
export function plainSecret(environment: string): string {
  return join(examples, "secrets", `${environment}.yaml`);
}

/** The overlay in which the demo works, from the root of the repository. */
export const production = "overlays/production";

/** A repository with the example's tree, and the clone a person works in, on the branch `production`. */
export async function createRepository(git: GitServer): Promise<{ readonly url: string; readonly tree: WorkTree }> {
  const url = await git.createRepo("environment");
  const tree = await createWorkTree(git.pushUrl("environment"), "production");
  await tree.copy(join(examples, "environment"), ".");
  return { url, tree };
}

/** Runs the real CLI in the work tree. Answers with its output. Throws `StepFailed` with its own words. */
export async function mooring(
  cluster: DemoCluster,
  args: readonly string[],
  options: { readonly cwd: string; readonly stdin?: string },
): Promise<string> {
  const { HOME = "", KUBECONFIG = "" } = process.env;
  const run = await runMooring([...args, ...cluster.flags], { ...options, env: { HOME, KUBECONFIG } });
  if (run.code !== 0) throw new StepFailed(`mooring ${args[0]} to succeed`, run.stderr.trim());
  return run.stdout;
}

/** Sets the tag of an image in an overlay's kustomization, as a person would in an editor. Answers with the change to commit. */
export function setImageTag(
  tree: WorkTree,
  image: string,
  tag: string,
  overlay: string = production,
): Promise<Readonly<Record<string, string>>> {
  return edit(tree, overlay, (document) => {
    const images = document.toJS().images as readonly { readonly name: string }[];
    document.setIn(["images", images.findIndex(({ name }) => name === image), "newTag"], tag);
  });
}

/** Adds a file to production's resources. */
export function addResource(tree: WorkTree, file: string): Promise<Readonly<Record<string, string>>> {
  return edit(tree, production, (document) => document.addIn(["resources"], file));
}

/** Takes a file out of production's resources. */
export function dropResource(tree: WorkTree, file: string): Promise<Readonly<Record<string, string>>> {
  return edit(tree, production, (document) => {
    const resources = document.toJS().resources as readonly string[];
    document.deleteIn(["resources", resources.indexOf(file)]);
  });
}

async function edit(
  tree: WorkTree,
  overlay: string,
  change: (document: Document) => void,
): Promise<Readonly<Record<string, string>>> {
  const path = `${overlay}/kustomization.yaml`;
  const document = parseDocument(await readFile(join(tree.dir, path), "utf8"));
  change(document);
  return { [path]: document.toString({ indentSeq: false, lineWidth: 0 }) };
}

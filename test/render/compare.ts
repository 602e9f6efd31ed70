import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../../src/model/failure.ts";
import { memoryTree, render, renderYaml } from "../../src/render/index.ts";
import { kustomizeBuild, type Verdict } from "./oracle.ts";
import type { Environment } from "./overlays.ts";

/** What the two say to the same build. */
export interface Comparison {
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

/** Builds an environment's overlay with both, and says where they differ; undefined where they agree. */
export async function difference(environment: Environment): Promise<Comparison | undefined> {
  const [ours, theirs] = await Promise.all([ourVerdict(environment), theirVerdict(environment)]);
  const agree =
    "output" in ours && "output" in theirs ? ours.output === theirs.output : "error" in ours === "error" in theirs;
  const onPurpose = "error" in ours && refusedOnPurpose.test(ours.error);
  return agree || onPurpose ? undefined : { ours, theirs };
}

/** What Mooring refuses although kustomize builds it: docs/kustomize.md has the list. */
const refusedOnPurpose =
  /copies (?:metadata\.)?annotations as a whole|an item has the \w+ null|more than one YAML document|asks for a (?:list|map), found the string/;

async function ourVerdict(environment: Environment): Promise<Verdict> {
  try {
    return { output: renderYaml(await render(memoryTree(environment), "overlay")) };
  } catch (thrown) {
    // What is no Failure is a crash, and never agrees with anything.
    if (thrown instanceof Failure && thrown.code !== "Bug") return { error: thrown.message };
    throw thrown;
  }
}

async function theirVerdict(environment: Environment): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-overlay-"));
  try {
    for (const [path, content] of Object.entries(environment)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    return await kustomizeBuild(join(directory, "overlay"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

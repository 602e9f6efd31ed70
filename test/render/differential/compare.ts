import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../../../src/model/failure.ts";
import { memoryTree, render, renderYaml } from "../../../src/render/index.ts";
import { kustomizeBuild, type Verdict } from "../oracle.ts";
import type { Environment } from "./overlays.ts";
import { isRefusedOnPurpose } from "./refusals.ts";

/** What the two say to the same build. */
export interface Comparison {
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

/** Builds an environment's overlay with both, and says where they differ; undefined where they agree. */
export async function difference(environment: Environment): Promise<Comparison | undefined> {
  const [answer, theirs] = await Promise.all([ourAnswer(environment), theirAnswer(environment)]);
  const ours = "failure" in answer ? { error: answer.failure.message } : answer;
  const agree =
    "output" in ours && "output" in theirs ? ours.output === theirs.output : "error" in ours === "error" in theirs;
  return agree ? undefined : { ours, theirs };
}

/** As `difference`, but what Mooring refuses on purpose is none; for random environments. */
export async function unwantedDifference(environment: Environment): Promise<Comparison | undefined> {
  const answer = await ourAnswer(environment);
  return "failure" in answer && isRefusedOnPurpose(environment, answer.failure) ? undefined : difference(environment);
}

/** What Mooring answers. What is no `Failure` is a crash, never agrees with anything, and is thrown. */
export async function ourAnswer(
  environment: Environment,
): Promise<{ readonly output: string } | { readonly failure: Failure }> {
  try {
    return { output: renderYaml(await render(memoryTree(environment), "overlay")) };
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code !== "Bug") return { failure: thrown };
    throw thrown;
  }
}

/** What the real kustomize answers. */
export async function theirAnswer(environment: Environment): Promise<Verdict> {
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

import type { FileTree } from "../model/file-tree.ts";
import type { Proven } from "./decide/proof.ts";
import { effectOf, type GatherTree, type Overlay } from "./effect/effect.ts";
import type { Forge } from "./forge/forge.ts";
import { type RequestText, requestText } from "./text/request-text.ts";

/**
 * What a promotion worked out before, so that looking again costs a request or two: everything here is about commits, which
 * do not change. Forgetting it costs time, and changes nothing.
 */
export interface PromotionCache {
  /** The answer of the first time, or what `ask` says; `question` names two commits. */
  answer(question: string, ask: () => Promise<boolean>): Promise<boolean>;
  /** What the pull request says, and whether the target renders at the proven revision. */
  text(about: TextInput, tools: TextTools, signal: AbortSignal): Promise<CachedText>;
}

/** What a text is about. */
export interface TextInput {
  readonly id: string;
  readonly branch: string;
  readonly proven: Proven;
  readonly targetHead: string;
  readonly overlay: Overlay | undefined;
}

/** What a text is made with. */
export interface TextTools {
  readonly forge: Pick<Forge, "commitsBetween">;
  readonly files: (commit: string, signal: AbortSignal) => Promise<FileTree>;
  readonly gather: GatherTree;
}

/** A text, and whether the target renders at the proven revision. */
export interface CachedText {
  readonly text: RequestText;
  readonly renders: boolean;
}

const mostAnswers = 100;

/** Nothing known yet. */
export function createPromotionCache(): PromotionCache {
  const answers = new Map<string, boolean>();
  let last: { readonly key: string; readonly made: CachedText } | undefined;
  return {
    async answer(question, ask) {
      const known = answers.get(question) ?? (await ask());
      if (answers.size >= mostAnswers) answers.clear();
      answers.set(question, known);
      return known;
    },
    async text(about, tools, signal) {
      const key = keyOf(about);
      if (last?.key !== key) last = { key, made: await makeText(about, tools, signal) };
      return last.made;
    },
  };
}

function keyOf({ id, branch, proven, targetHead, overlay }: TextInput): string {
  const planned = [
    overlay?.name,
    overlay?.variables,
    overlay?.environment.spec,
    overlay?.open !== undefined,
    overlay?.sops !== undefined,
  ];
  return JSON.stringify([id, branch, proven.evidence, targetHead, planned]);
}

async function makeText(
  about: TextInput,
  { forge, files, gather }: TextTools,
  signal: AbortSignal,
): Promise<CachedText> {
  const { id, branch, overlay, targetHead, proven } = about;
  const { evidence, commit } = proven;
  const [commits, before, after] = await Promise.all([
    forge.commitsBetween(targetHead, commit, signal),
    files(targetHead, signal),
    files(commit, signal),
  ]);
  const effect = overlay === undefined ? undefined : await effectOf(overlay, { before, after, gather }, signal);
  const text = requestText({ promotion: id, evidence, commit, branch, commits, effect });
  return { text, renders: effect === undefined || "plan" in effect.change };
}

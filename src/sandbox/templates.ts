import { isObject } from "../model/json/json.ts";
import type { RenderedItem, RenderTemplates } from "../seal/index.ts";
import type { Owner } from "./lanes/fair-queue.ts";
import { type Sandbox, withoutFiles } from "./sandbox.ts";
import { invalidMessage } from "./worker/protocol.ts";

/**
 * Renders the data templates of sealed secrets in workers, which get the opened values of one object and never a key; as
 * `renderTemplatesHere`, and throws as `Sandbox.run` does.
 */
export function sandboxedTemplates(sandbox: Sandbox, owner: Owner, signal?: AbortSignal): RenderTemplates {
  return async (data) => {
    const parts = await sandbox.run(owner, { kind: "templates", data }, withoutFiles, signal);
    return new Map(parts.map(asRendered));
  };
}

function asRendered(value: unknown): readonly [name: string, rendered: RenderedItem] {
  const [name, rendered] = Array.isArray(value) ? value : [];
  if (typeof name !== "string" || !isObject(rendered)) throw invalidMessage();
  if (typeof rendered.problem === "string") return [name, { problem: rendered.problem }];
  const text: unknown = rendered.text;
  if (text instanceof Uint8Array) return [name, { text: Buffer.from(text) }];
  throw invalidMessage();
}

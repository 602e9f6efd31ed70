import { inParallel } from "../../model/async/in-parallel.ts";
import type { Problem } from "../../model/failure.ts";
import type { Json } from "../../model/json/json.ts";
import { ownMember } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { encodeBase64 } from "../../model/text/base64.ts";
import type { OpeningKeys } from "../keys/key-ring.ts";
import { recordedItem } from "../sealed-secret/seal-annotation.ts";
import { invalidProblem, type SealProblem, unsealProblem } from "../sealed-secret/seal-problem.ts";
import { memberPath, type SealedSecret } from "../sealed-secret/sealed-secret.ts";
import { type RenderedItem, type RenderTemplates, renderTemplatesHere } from "./data-templates.ts";
import { inFlight } from "./in-flight.ts";
import { openValue, type SealedValue } from "./open-value.ts";
import type { Opened, UnsealCache } from "./unseal-cache.ts";
import { describeWithoutKeys, type ExplainRefusal } from "./unseal-refusal.ts";

/** What opening needs beside the object. */
export interface OpenWith {
  readonly keys: OpeningKeys;
  readonly cache: UnsealCache;
  /** Explains to a key holder why a value does not open; without it nobody is told. */
  readonly explain?: ExplainRefusal | undefined;
  /** Set where the caller may see the values: only then does a template's problem say what happened over them. */
  readonly showsValues?: boolean;
  /** Where templates are rendered: their author may be a tenant. */
  readonly renderTemplates?: RenderTemplates | undefined;
}

type NotRendered = Extract<RenderedItem, { readonly problem: string }>;

/** What opening came to: all values by item, or what is wrong. */
export type OpenedItems = ReadonlyMap<string, Buffer> | readonly SealProblem[];

/** After so many refusals no further values are tried for a tenant: a failure is not cached and costs the same every time. */
const maxRefusals = 20;
/** After so many values the event loop gets a turn: cached values wait for nothing else. */
const sliceLength = 8;

/**
 * Opens every value of these sealed secrets: for each one all its values, or the problems: the
 * first twenty, or all of them with `explain`. The order is stable.
 */
export async function openItems(sealed: readonly SealedSecret[], tools: OpenWith): Promise<readonly OpenedItems[]> {
  const wanted = sealed.flatMap((owner) => Object.keys(owner.items).map((name) => ({ owner, name })));
  const enough = tools.explain === undefined ? maxRefusals : Number.POSITIVE_INFINITY;
  let refusals = 0;
  const outcomes = await inParallel(wanted, inFlight, async ({ owner, name }, index) => {
    if (refusals >= enough) return undefined;
    if (index % sliceLength === 0) await new Promise(setImmediate);
    const outcome = await openItem(owner, name, tools);
    if (!("value" in outcome)) refusals += 1;
    return outcome;
  });
  const opened = new Map(sealed.map((owner) => [owner, new Map<string, Buffer>()]));
  const problems = new Map<SealedSecret, SealProblem[]>();
  let reported = 0;
  for (const [index, { owner, name }] of wanted.entries()) {
    const outcome = outcomes[index];
    if (outcome !== undefined && "value" in outcome) {
      opened.get(owner)?.set(name, outcome.value);
      continue;
    }
    const its = problems.get(owner) ?? [];
    problems.set(owner, its);
    if (outcome === undefined || reported >= enough) continue;
    reported += 1;
    its.push({ ...outcome, problem: { field: memberPath("spec.encryptedData", name), ...outcome.problem } });
  }
  return sealed.map((owner) => problems.get(owner) ?? opened.get(owner) ?? new Map());
}

/**
 * The Secret that a sealed secret stands for. Data templates are rendered over the opened values, as sealed-secrets does.
 * What one does over them is reported only with `showsValues`.
 */
export async function secretOf(
  sealed: SealedSecret,
  values: ReadonlyMap<string, Buffer>,
  { showsValues = false, renderTemplates = renderTemplatesHere }: Pick<OpenWith, "showsValues" | "renderTemplates">,
): Promise<KubeObject | readonly SealProblem[]> {
  const { template, place } = sealed;
  const data = new Map([...values].map(([name, value]): [string, Json] => [name, encodeBase64(value)]));
  const problems: SealProblem[] = [];
  const templates = new Map(Object.entries(template.data));
  const rendered = templates.size === 0 ? [] : await renderTemplates({ templates, values });
  for (const [name, outcome] of rendered) {
    if ("problem" in outcome) problems.push(invalidProblem(templateProblem(name, outcome, showsValues)));
    else data.set(name, encodeBase64(outcome.text));
  }
  if (problems.length > 0) return problems;
  const { labels, annotations, finalizers } = template;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: place.name,
      ...(place.namespace === "" ? {} : { namespace: place.namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    ...(template.type === undefined ? {} : { type: template.type }),
    ...(template.immutable === undefined ? {} : { immutable: template.immutable }),
    data: Object.fromEntries(data),
  };
}

function templateProblem(name: string, { problem, detail }: NotRendered, showsValues: boolean): Problem {
  const field = memberPath("spec.template.data", name);
  if (detail === undefined) return { field, message: problem };
  if (showsValues) return { field, message: detail };
  return { field, message: problem, hint: "with the key, `mooring unseal` shows the reason" };
}

/** Opens one value, or says why it does not open. */
export async function openItem(sealed: SealedSecret, name: string, tools: OpenWith): Promise<Opened | SealProblem> {
  const text = ownMember(sealed.items, name) ?? "";
  const misplaced = checkOrder(sealed, name, text);
  if (misplaced !== undefined) return misplaced;
  const recorded = recordedItem(sealed.sealAnnotation, text)?.item;
  const { algorithm, label } = sealed;
  const value: SealedValue = { algorithm, label, text, ...(recorded === undefined ? {} : { recorded }) };
  const { keys } = tools.keys;
  const outcome = await openValue(value, keys, tools.cache);
  if ("value" in outcome) return outcome;
  const problem = await (tools.explain ?? describeWithoutKeys)(value, outcome, keys);
  return outcome.reason === "notBase64" || outcome.reason === "tooShort"
    ? invalidProblem(problem)
    : unsealProblem(problem);
}

/** RSA-OAEP binds no item name, so only the seal annotation can tell that two values of one object were swapped. */
function checkOrder(sealed: SealedSecret, name: string, text: string): SealProblem | undefined {
  const recorded = recordedItem(sealed.sealAnnotation, text);
  if (recorded === undefined || recorded.name === name) return undefined;
  return invalidProblem({
    message: `holds the value that was sealed as ${recorded.name}`,
    hint: "values were swapped; to give one another name use `mooring secrets rename`",
  });
}

import { inParallel } from "../../model/async/in-parallel.ts";
import type { Problem } from "../../model/failure.ts";
import type { Json } from "../../model/json/json.ts";
import { ownMember } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { encodeBase64 } from "../../model/text/base64.ts";
import type { OpeningKeys } from "../keys/key-ring.ts";
import { type Finding, invalid, unopened } from "../sealed-secret/findings.ts";
import { recordedItem } from "../sealed-secret/seal-annotation.ts";
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
  /** Says to who holds the keys why a value does not open; without it that is told to nobody. */
  readonly explain?: ExplainRefusal | undefined;
  /** Set where who asks gets to see the values: only then is said what a template made of them when it went wrong. */
  readonly showsValues?: boolean;
  /** Where templates are rendered: whoever wrote them may be a stranger. */
  readonly renderTemplates?: RenderTemplates | undefined;
}

type NotRendered = Extract<RenderedItem, { readonly problem: string }>;

/** What opening came to: all values by item, or what is wrong. */
export type OpenedItems = ReadonlyMap<string, Buffer> | readonly Finding[];

/** After so many no further ones are opened for a stranger: what failed is tried anew each time, and costs each time. */
const enoughRefusals = 20;
/** After so many values others have their turn: of what was opened before nothing else waits. */
const sliceLength = 8;

/**
 * Opens every value of these sealed secrets: for each one all its values, or findings, which name those that are wrong: the
 * first twenty, and where somebody explains all of them. The same ones every time.
 */
export async function openItems(sealed: readonly SealedSecret[], tools: OpenWith): Promise<readonly OpenedItems[]> {
  const wanted = sealed.flatMap((owner) => Object.keys(owner.items).map((name) => ({ owner, name })));
  const enough = tools.explain === undefined ? enoughRefusals : Number.POSITIVE_INFINITY;
  let refusals = 0;
  const outcomes = await inParallel(wanted, inFlight, async ({ owner, name }, index) => {
    if (refusals >= enough) return undefined;
    if (index % sliceLength === 0) await new Promise(setImmediate);
    const outcome = await openItem(owner, name, tools);
    if (!("value" in outcome)) refusals += 1;
    return outcome;
  });
  const opened = new Map(sealed.map((owner) => [owner, new Map<string, Buffer>()]));
  const findings = new Map<SealedSecret, Finding[]>();
  let told = 0;
  for (const [index, { owner, name }] of wanted.entries()) {
    const outcome = outcomes[index];
    if (outcome !== undefined && "value" in outcome) {
      opened.get(owner)?.set(name, outcome.value);
      continue;
    }
    const its = findings.get(owner) ?? [];
    findings.set(owner, its);
    if (outcome === undefined || told >= enough) continue;
    told += 1;
    its.push({ ...outcome, problem: { field: memberPath("spec.encryptedData", name), ...outcome.problem } });
  }
  return sealed.map((owner) => findings.get(owner) ?? opened.get(owner) ?? new Map());
}

/**
 * The Secret that a sealed secret stands for. Data templates are rendered over the opened values, as sealed-secrets does.
 * What one does over them is told only with `showsValues`: to who sees the values anyway.
 */
export async function secretOf(
  sealed: SealedSecret,
  values: ReadonlyMap<string, Buffer>,
  { showsValues = false, renderTemplates = renderTemplatesHere }: Pick<OpenWith, "showsValues" | "renderTemplates">,
): Promise<KubeObject | readonly Finding[]> {
  const { template, place } = sealed;
  const data = new Map([...values].map(([name, value]): [string, Json] => [name, encodeBase64(value)]));
  const findings: Finding[] = [];
  const templates = new Map(Object.entries(template.data));
  const rendered = templates.size === 0 ? [] : await renderTemplates({ templates, values });
  for (const [name, outcome] of rendered) {
    if ("problem" in outcome) findings.push(invalid(templateProblem(name, outcome, showsValues)));
    else data.set(name, encodeBase64(outcome.text));
  }
  if (findings.length > 0) return findings;
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
export async function openItem(sealed: SealedSecret, name: string, tools: OpenWith): Promise<Opened | Finding> {
  const text = ownMember(sealed.items, name) ?? "";
  const misplaced = checkOrder(sealed, name, text);
  if (misplaced !== undefined) return misplaced;
  const recorded = recordedItem(sealed.record, text)?.item;
  const { algorithm, label } = sealed;
  const value: SealedValue = { algorithm, label, text, ...(recorded === undefined ? {} : { recorded }) };
  const { keys } = tools.keys;
  const outcome = await openValue(value, keys, tools.cache);
  if ("value" in outcome) return outcome;
  const problem = await (tools.explain ?? describeWithoutKeys)(value, outcome, keys);
  return outcome.reason === "notBase64" || outcome.reason === "tooShort" ? invalid(problem) : unopened(problem);
}

/** RSA-OAEP binds no item name, so only the record can tell that two values of one object changed places. */
function checkOrder(sealed: SealedSecret, name: string, text: string): Finding | undefined {
  const recorded = recordedItem(sealed.record, text);
  if (recorded === undefined || recorded.name === name) return undefined;
  return invalid({
    message: `holds the value that was sealed as ${recorded.name}`,
    hint: "values were swapped; to give one another name use `mooring secrets rename`",
  });
}

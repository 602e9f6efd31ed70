import type { Problem } from "../model/failure.ts";
import { inParallel } from "../model/in-parallel.ts";
import type { Json } from "../model/json.ts";
import { ownMember } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import { encodeBase64 } from "./base64.ts";
import { type Finding, invalid, unopened } from "./findings.ts";
import { inFlight } from "./in-flight.ts";
import type { OpeningKeys } from "./key-ring.ts";
import { openValue, type SealedValue } from "./open-value.ts";
import { recordedItem } from "./record.ts";
import { memberPath, type SealedSecret } from "./sealed-secret.ts";
import { type Rendered, type RenderTemplates, renderTemplatesHere } from "./template/index.ts";
import type { Opened, UnsealCache } from "./unseal-cache.ts";
import { whySealed } from "./why-sealed.ts";

/** What opening needs beside the object. */
export interface OpenWith {
  readonly keys: OpeningKeys;
  readonly cache: UnsealCache;
  /** Labels to try when a value does not open, to say what it was sealed for. */
  readonly labels: () => readonly string[];
  /** Set where who asks gets to see the values: only then is said what a template made of them when it went wrong. */
  readonly explains?: boolean;
  /** Where templates are rendered: whoever wrote them may be a stranger. */
  readonly renderTemplates?: RenderTemplates | undefined;
}

type Refused = Extract<Rendered, { readonly problem: string }>;

/** Opens every value of a sealed secret: all of them, or findings that name each one that is wrong. */
export async function openItems(
  sealed: SealedSecret,
  tools: OpenWith,
): Promise<ReadonlyMap<string, Buffer> | readonly Finding[]> {
  const opened = new Map<string, Buffer>();
  const findings: Finding[] = [];
  const outcomes = await inParallel(Object.keys(sealed.items), inFlight, async (name) => {
    return { name, outcome: await openItem(sealed, name, tools) };
  });
  for (const { name, outcome } of outcomes) {
    if ("value" in outcome) opened.set(name, outcome.value);
    else findings.push({ ...outcome, problem: { field: memberPath("spec.encryptedData", name), ...outcome.problem } });
  }
  return findings.length > 0 ? findings : opened;
}

/**
 * The Secret that a sealed secret stands for. Data templates are rendered over the opened values, as sealed-secrets does.
 * What one does over them is told only where somebody `explains`: to who sees the values anyway.
 */
export async function secretOf(
  sealed: SealedSecret,
  values: ReadonlyMap<string, Buffer>,
  { explains = false, renderTemplates = renderTemplatesHere }: Pick<OpenWith, "explains" | "renderTemplates">,
): Promise<KubeObject | readonly Finding[]> {
  const { template, place } = sealed;
  const data = new Map([...values].map(([name, value]): [string, Json] => [name, encodeBase64(value)]));
  const findings: Finding[] = [];
  const templates = new Map(Object.entries(template.data));
  const rendered = templates.size === 0 ? [] : await renderTemplates({ templates, values });
  for (const [name, outcome] of rendered) {
    if ("problem" in outcome) findings.push(invalid(templateProblem(name, outcome, explains)));
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

function templateProblem(name: string, { problem, why }: Refused, explains: boolean): Problem {
  const field = memberPath("spec.template.data", name);
  if (why === undefined) return { field, message: problem };
  if (explains) return { field, message: why };
  return { field, message: problem, hint: "`mooring unseal` says why, to who holds the key" };
}

/** Opens one value, or says why it does not open. */
export async function openItem(sealed: SealedSecret, name: string, tools: OpenWith): Promise<Opened | Finding> {
  const text = ownMember(sealed.items, name) ?? "";
  const misplaced = checkOrder(sealed, name, text);
  if (misplaced !== undefined) return misplaced;
  const keyHint = recordedItem(sealed.record, text)?.item.key;
  const { algorithm, label } = sealed;
  const value: SealedValue = { algorithm, label, text, ...(keyHint === undefined ? {} : { keyHint }) };
  const { keys } = tools.keys;
  const outcome = await openValue(value, keys, tools.cache);
  if ("value" in outcome) return outcome;
  const problem = await whySealed(value, outcome, { keys, cache: tools.cache, labels: tools.labels() });
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

import { directivesOf } from "../../api/annotations.ts";
import { sealedSecretAnnotations } from "../../api/sealed-secret.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest, Origin } from "../../model/manifest.ts";
import { describeId, formatId } from "../../model/object-id.ts";
import type { OpeningKeys } from "../keys/key-ring.ts";
import { candidateLabels } from "../sealed-secret/candidate-labels.ts";
import type { Place } from "../sealed-secret/scope.ts";
import { readSealAnnotation } from "../sealed-secret/seal-annotation.ts";
import { failureOf, invalidProblem, type SealProblem } from "../sealed-secret/seal-problem.ts";
import { isSealedSecret, located, readSealedSecret, type SealedSecret } from "../sealed-secret/sealed-secret.ts";
import type { RenderTemplates } from "./data-templates.ts";
import { explainToKeyHolder } from "./explain-unseal-failure.ts";
import { inFlight } from "./in-flight.ts";
import { type OpenedItems, type OpenWith, openItems, secretOf } from "./open-sealed-secret.ts";
import { UnsealCache } from "./unseal-cache.ts";
import type { Vouched } from "./vouched.ts";

/** The most sealed values that one environment may have. */
const maxValues = 10_000;
/** After so many objects the event loop gets a turn. */
const sliceLength = 50;

/**
 * Puts the Secret in the place of every SealedSecret: marked sensitive, with the origin and the digest of the sealed
 * object, so that plans do not depend on who can unseal. Everything else passes through, in order. Values already opened
 * with the same cache cost nothing. A problem of a value that does not open says nothing that takes the keys to know. All or
 * nothing: throws one `Failure` (SealInvalid, UnsealFailed) with the problems of every object, or (DuplicateObject) where a Secret would be
 * defined twice; and whatever `renderTemplates` throws, which gets the opened values of one object at a time and no key.
 */
export async function unsealManifests(
  manifests: Vouched,
  ring: OpeningKeys,
  cache: UnsealCache = new UnsealCache(),
  renderTemplates?: RenderTemplates,
): Promise<readonly Manifest[]> {
  const sealed = manifests.filter((manifest) => isSealedSecret(manifest.object));
  if (sealed.length === 0) return manifests;
  const secrets = await openObjects(sealed, { keys: ring, cache, renderTemplates });
  const problems = secrets.flatMap((outcome) => (isProblems(outcome) ? outcome : []));
  if (secrets.some(isProblems)) throw failureOf(problems);
  const inPlace = new Map(sealed.map((manifest, index) => [manifest, secrets[index]]));
  const result = manifests.map((manifest): Manifest => {
    const secret = inPlace.get(manifest);
    if (secret === undefined || isProblems(secret)) return manifest;
    const id = { ...manifest.id, group: "", kind: "Secret" };
    return { ...manifest, id, object: withPolicy(secret, manifest.object), sensitive: true };
  });
  refuseDuplicates(result);
  return result;
}

/** How one object is opened for a key holder. */
export interface UnsealOptions {
  readonly cache?: UnsealCache;
  /** Other objects of the same file: a value may have been sealed for one of them. */
  readonly beside?: readonly KubeObject[];
  /** Set where the caller may see the values: a template's problem then says what happened over them. */
  readonly showsValues?: boolean;
}

/**
 * The Secret of one SealedSecret, as kubeseal's `--recovery-unseal` gives it, but for the owner reference: that is the
 * sealed-secrets controller's way to know its Secrets, and Mooring knows its own by label.
 * For key holders, who are told why a value does not open; the agent never calls it. Throws `Failure`
 * (SealInvalid, UnsealFailed).
 */
export async function unsealObject(
  object: KubeObject,
  ring: OpeningKeys,
  { cache = new UnsealCache(), beside = [], showsValues = false }: UnsealOptions = {},
): Promise<KubeObject> {
  const explain = explainToKeyHolder(cache, () => labelsAround([object, ...beside]));
  const [secret] = await openObjects([{ object }], { keys: ring, cache, explain, showsValues });
  if (secret === undefined || isProblems(secret)) throw failureOf(secret ?? []);
  return secret;
}

interface Placed {
  readonly object: KubeObject;
  readonly origin?: Origin;
}

/** The Secrets of sealed secrets, in order; problems for those that do not open, or not whole. */
async function openObjects(
  objects: readonly Placed[],
  tools: OpenWith,
): Promise<readonly (KubeObject | readonly SealProblem[])[]> {
  const read: (SealedSecret | readonly SealProblem[])[] = [];
  for (const [index, { object }] of objects.entries()) {
    if (index % sliceLength === 0) await new Promise(setImmediate);
    read.push(readSealedSecret(object));
  }
  const wellFormed = read.filter((each): each is SealedSecret => !isProblems(each));
  const opened = new Map<SealedSecret, OpenedItems>();
  const excess = tooMany(read);
  if (excess === undefined) {
    const outcomes = await openItems(wellFormed, tools);
    for (const [index, sealed] of wellFormed.entries()) opened.set(sealed, outcomes[index] ?? []);
  }
  return inParallel(objects, inFlight, async ({ object, origin }, index) => {
    const place = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
    const locateAll = (problems: readonly Problem[]) => problems.map((problem) => located(problem, place, origin));
    const locate = (problems: readonly SealProblem[]) =>
      problems.map((each) => ({ ...each, problem: located(each.problem, place, origin) }));
    const sealed = read[index] ?? [];
    if (isProblems(sealed)) return locate(sealed);
    if (excess === index) return locate([invalidProblem(tooManyValues)]);
    const values = opened.get(sealed) ?? [];
    if (isProblems(values)) return locate(values);
    const secret = await secretOf(sealed, values, tools).catch((thrown: unknown) => {
      throw thrown instanceof Failure ? new Failure(thrown.code, locateAll(thrown.problems)) : thrown;
    });
    return isProblems(secret) ? locate(secret) : secret;
  });
}

const tooManyValues: Problem = {
  field: "spec.encryptedData",
  message: `with it, the environment holds more than ${maxValues} sealed values`,
  hint: "split the Environment into several",
};

/** The first one with which they are too many. */
function tooMany(read: readonly (SealedSecret | readonly SealProblem[])[]): number | undefined {
  let all = 0;
  const found = read.findIndex((each) => {
    all += isProblems(each) ? 0 : Object.keys(each.items).length;
    return all > maxValues;
  });
  return found < 0 ? undefined : found;
}

/**
 * The controller's annotations, in Mooring's terms. `patch`: keep what others have put into the Secret, and leave it when
 * the sealed secret goes, unless it is `managed` as well. `skip-set-owner-references`: leave it when the sealed secret
 * goes. `managed` by itself asks for what is done anyway: an existing Secret is taken over. What the SealedSecret says of
 * itself (`prune: disabled` and the like) holds for the Secret in its place.
 */
export function withPolicy(secret: KubeObject, sealed: KubeObject): KubeObject {
  const annotations = secret.metadata.annotations ?? {};
  const on = (name: string) => annotations[name] === "true";
  const { patch, managed, skipSetOwnerReferences } = sealedSecretAnnotations;
  const added = {
    ...(on(patch) ? { "mooring.dev/ssa": "Merge" } : {}),
    ...((on(patch) && !on(managed)) || on(skipSetOwnerReferences) ? { "mooring.dev/prune": "disabled" } : {}),
  };
  const own = directivesOf(sealed);
  const both = {
    labels: { ...secret.metadata.labels, ...own.labels },
    annotations: { ...added, ...annotations, ...own.annotations },
  };
  const said = Object.entries(both).filter(([, values]) => Object.keys(values).length > 0);
  return { ...secret, metadata: { ...secret.metadata, ...Object.fromEntries(said) } };
}

function refuseDuplicates(manifests: readonly Manifest[]): void {
  const seen = new Map<string, Manifest>();
  const problems = manifests.flatMap((manifest) => {
    const key = formatId(manifest.id);
    const first = seen.get(key);
    seen.set(key, first ?? manifest);
    if (first === undefined || !(first.sensitive || manifest.sensitive)) return [];
    const message = `is defined twice: by a SealedSecret, and in ${first.origin.file}`;
    return [{ file: manifest.origin.file, object: describeId(manifest.id), message }];
  });
  if (problems.length > 0) throw new Failure("DuplicateObject", problems);
}

/** Every label that a value of one of these objects may have been sealed for. */
function labelsAround(objects: readonly KubeObject[]): readonly string[] {
  const places = objects.flatMap((object) => {
    const { name, namespace = "" } = object.metadata;
    return [{ namespace, name }, templatePlace(object)];
  });
  const records = objects.map(({ metadata }) =>
    readSealAnnotation(metadata.annotations?.[sealedSecretAnnotations.record]),
  );
  const recorded = records.flatMap((record) => Object.values(record?.items ?? {}).map(({ label }) => label));
  return [...new Set([...recorded, ...candidateLabels(places)])];
}

/** Where the object stood before an overlay moved it: kustomize does not rewrite the template's own metadata. */
function templatePlace(object: KubeObject): Place {
  const metadata = objectAt(object, "spec", "template", "metadata");
  return { namespace: stringAt(metadata, "namespace") ?? "", name: stringAt(metadata, "name") ?? "" };
}

function isProblems(value: unknown): value is readonly SealProblem[] {
  return Array.isArray(value);
}

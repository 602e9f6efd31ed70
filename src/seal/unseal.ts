import { directivesOf } from "../api/annotations.ts";
import { sealedSecretAnnotations } from "../api/sealed-secret.ts";
import { Failure, type Problem } from "../model/failure.ts";
import { inParallel } from "../model/in-parallel.ts";
import { objectAt, stringAt } from "../model/json.ts";
import type { KubeObject, Manifest, Origin } from "../model/manifest.ts";
import { describeId, formatId } from "../model/object-id.ts";
import { type Finding, failureOf } from "./findings.ts";
import { inFlight } from "./in-flight.ts";
import type { OpeningKeys } from "./key-ring.ts";
import { labelsNear } from "./labels.ts";
import { type OpenWith, openItems, secretOf } from "./open-sealed-secret.ts";
import type { Place } from "./scope.ts";
import { isSealedSecret, located, readSealedSecret } from "./sealed-secret.ts";
import type { RenderTemplates } from "./template/index.ts";
import { UnsealCache } from "./unseal-cache.ts";
import type { Vouched } from "./vouched.ts";

/**
 * Puts the Secret in the place of every SealedSecret: marked sensitive, with the origin and the digest of the sealed
 * object, so that plans do not depend on who can unseal. Everything else passes through, in order. Values already opened
 * with the same cache cost nothing. All or nothing: throws one `Failure` (SealInvalid, UnsealFailed) with every problem
 * of every object, or `Failure` (DuplicateObject) where a Secret would stand twice; and whatever `renderTemplates`, which
 * gets the opened values of one object at a time and no key, throws.
 */
export async function unsealManifests(
  manifests: Vouched,
  ring: OpeningKeys,
  cache: UnsealCache = new UnsealCache(),
  renderTemplates?: RenderTemplates,
): Promise<readonly Manifest[]> {
  const sealed = manifests.filter((manifest) => isSealedSecret(manifest.object));
  if (sealed.length === 0) return manifests;
  const labels = once(() => labelsAround(manifests));
  const opened = await inParallel(manifests, inFlight, async (manifest): Promise<Manifest | readonly Finding[]> => {
    if (!isSealedSecret(manifest.object)) return manifest;
    const secret = await openObject(manifest.object, { keys: ring, cache, labels, renderTemplates }, manifest.origin);
    if (isFindings(secret)) return secret;
    const id = { ...manifest.id, group: "", kind: "Secret" };
    return { ...manifest, id, object: withPolicy(secret, manifest.object), sensitive: true };
  });
  const findings = opened.flatMap((outcome) => (isFindings(outcome) ? outcome : []));
  if (findings.length > 0) throw failureOf(findings);
  const result = opened.filter((outcome): outcome is Manifest => !isFindings(outcome));
  refuseDuplicates(result);
  return result;
}

/**
 * The Secret of one SealedSecret, as kubeseal's `--recovery-unseal` gives it, but for the owner reference: that is the
 * sealed-secrets controller's way to know its Secrets, and Mooring knows its own by label.
 * `explains` says of a template that goes wrong over the values what it did: for who gets to see them. For who holds the
 * keys; no way of the agent leads here. Throws `Failure` (SealInvalid, UnsealFailed).
 */
export async function unsealObject(
  object: KubeObject,
  ring: OpeningKeys,
  cache: UnsealCache = new UnsealCache(),
  explains = false,
): Promise<KubeObject> {
  const labels = once(() => labelsNear([{ namespace: object.metadata.namespace ?? "", name: object.metadata.name }]));
  const secret = await openObject(object, { keys: ring, cache, labels, explains });
  if (isFindings(secret)) throw failureOf(secret);
  return secret;
}

async function openObject(
  object: KubeObject,
  tools: OpenWith,
  origin?: Origin,
): Promise<KubeObject | readonly Finding[]> {
  const place = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  const locateAll = (problems: readonly Problem[]) => problems.map((problem) => located(problem, place, origin));
  const locate = (findings: readonly Finding[]) =>
    findings.map((finding) => ({ ...finding, problem: located(finding.problem, place, origin) }));
  const sealed = readSealedSecret(object);
  if (isFindings(sealed)) return locate(sealed);
  const values = await openItems(sealed, tools);
  if (isFindings(values)) return locate(values);
  const secret = await secretOf(sealed, values, tools).catch((thrown: unknown) => {
    throw thrown instanceof Failure ? new Failure(thrown.code, locateAll(thrown.problems)) : thrown;
  });
  return isFindings(secret) ? locate(secret) : secret;
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
    const message = `stands twice: a SealedSecret becomes it, and ${first.origin.file} holds it as well`;
    return [{ file: manifest.origin.file, object: describeId(manifest.id), message }];
  });
  if (problems.length > 0) throw new Failure("DuplicateObject", problems);
}

/** Every label that a value in this environment may have been sealed for. */
function labelsAround(manifests: readonly Manifest[]): readonly string[] {
  const places = manifests
    .filter((manifest) => isSealedSecret(manifest.object))
    .flatMap(({ id, object }) => [{ namespace: id.namespace, name: id.name }, templatePlace(object)]);
  const namespaces = manifests.map(({ id }) => ({
    namespace: id.kind === "Namespace" ? id.name : id.namespace,
    name: "",
  }));
  return labelsNear([...places, ...namespaces]);
}

/** Where the object stood before an overlay moved it: kustomize does not rewrite the template's own metadata. */
function templatePlace(object: KubeObject): Place {
  const metadata = objectAt(object, "spec", "template", "metadata");
  return { namespace: stringAt(metadata, "namespace") ?? "", name: stringAt(metadata, "name") ?? "" };
}

function isFindings(value: unknown): value is readonly Finding[] {
  return Array.isArray(value);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

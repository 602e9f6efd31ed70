import type { ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import type { Manifest } from "../../model/manifest.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { holdsInOrder } from "../../model/text/in-order.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Tracked } from "../watch/kind-use.ts";

/** A group and a kind, of whatever version. */
export type KindName = Pick<ResourceType, "group" | "kind">;

/** Whether a manifest is the definition of a kind. */
export function defines({ id, object }: Manifest, { group, kind }: KindName): boolean {
  return (
    id.kind === "CustomResourceDefinition" &&
    stringAt(object, "spec", "group") === group &&
    stringAt(object, "spec", "names", "kind") === kind
  );
}

/**
 * Whether the API server could not convert an object to another version of its kind because the conversion webhook does
 * not work: `webhookConverter.Convert` of k8s.io/apiextensions-apiserver.
 */
export function isUnconverted(thrown: unknown): thrown is Failure {
  return (
    thrown instanceof Failure &&
    thrown.problems.some(({ message }) => holdsInOrder(message, "conversion webhook for ", " failed"))
  );
}

/** A list that fails for its conversion does so at once; one that takes longer is only slow. */
const patienceMs = 5_000;

/**
 * Tracks kinds that the revision itself defines. Answers with why those cannot be listed whose conversion does not work: the
 * revision may mend that. Throws as `LiveView.track` does.
 */
export async function trackDefined(
  target: ApplyTarget,
  kinds: readonly Tracked[],
  signal: AbortSignal,
): Promise<readonly (readonly [KindName, Failure])[]> {
  const found = await Promise.all(kinds.map((kind) => trackOne(target, kind, signal)));
  return found.flatMap((each) => (each === undefined ? [] : [each]));
}

async function trackOne({ view }: ApplyTarget, kind: Tracked, signal: AbortSignal) {
  const limit = AbortSignal.timeout(patienceMs);
  try {
    await view.track([kind], AbortSignal.any([signal, limit]));
  } catch (thrown) {
    signal.throwIfAborted();
    const { group, kind: name } = kind.type;
    const [namespace = ""] = kind.namespaces;
    const why = view.failure({ group, kind: name, namespace, name: "" }) ?? thrown;
    if (isUnconverted(why)) return [{ group, kind: name }, why] as const;
    if (!limit.aborted) throw thrown;
    await view.track([kind], signal);
  }
  return undefined;
}

/** The first failed conversion that none of these definitions may mend. */
export function unmended(
  blind: readonly (readonly [KindName, Failure])[],
  changing: readonly Manifest[],
): Failure | undefined {
  return blind.find(([kind]) => !changing.some((each) => defines(each, kind)))?.[1];
}

/** Observes an object; where its conversion does not work and the revision defines its kind, `otherwise` answers instead. */
export async function unlessUnconverted<T>(
  definitions: readonly Manifest[],
  id: ObjectId,
  observe: () => Promise<T>,
  otherwise: (failure: Failure) => T,
): Promise<T> {
  try {
    return await observe();
  } catch (thrown) {
    if (isUnconverted(thrown) && definitions.some((each) => defines(each, id))) return otherwise(thrown);
    throw thrown;
  }
}

import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { type Json, objectAt } from "../../model/json/json.ts";
import { type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import { isSealedSecret } from "../sealed-secret/sealed-secret.ts";

declare const proof: unique symbol;

/**
 * Manifests of which every SealedSecret may be opened: the type that opening asks for, and that only `vouch` and
 * `vouchAsKeyHolder` give, so that a way to a plain value that leads past both does not compile.
 */
export type Vouched = readonly Manifest[] & { readonly [proof]: true };

/** The Secret that a SealedSecret becomes, where it will be written. */
export interface SecretToWrite {
  readonly namespace: string;
  readonly name: string;
  /** Of the sealed object: other content needs a review of its own. */
  readonly digest: string;
  /** Set where it has templates over the opened values: whether they render reveals something about the values. */
  readonly templated: boolean;
}

/** Reviews whether the identity may write that Secret: undefined if so, else why not, and what to do. */
export type ReviewAccess = (secret: SecretToWrite) => Promise<Pick<Problem, "message" | "hint"> | undefined>;

const reviewsInFlight = 8;
/** After so many refusals no further reviews are made: nothing will be opened, and a tenant decides how many there would be. */
const maxRefusals = 20;

/**
 * Asks of every SealedSecret whether the one on whose behalf it would be opened may write the Secret that it becomes,
 * in the very place in which that will be written. Throws `Failure` naming what may not be opened, before anything
 * is: Forbidden, with the first twenty at most, ObjectInvalid for one without a namespace; and what `ask` throws.
 */
export async function vouch(manifests: readonly Manifest[], ask: ReviewAccess): Promise<Vouched> {
  const sealed = manifests.filter(({ object }) => isSealedSecret(object));
  const unplaced = sealed.filter(({ object }) => (object.metadata.namespace ?? "") === "");
  if (unplaced.length > 0) throw new Failure("ObjectInvalid", unplaced.map(withoutNamespace));
  const refusals = new Map<number, Problem>();
  await inParallel(sealed, reviewsInFlight, async (manifest, index) => {
    if (refusals.size >= maxRefusals) return;
    const refused = await ask(secretOf(manifest));
    if (refused !== undefined) refusals.set(index, { ...whereIs(manifest), ...refused });
  });
  // In the order of the repository, so that the message stays the same from one reconcile to the next.
  const problems = [...refusals].sort(([a], [b]) => a - b).map(([, problem]) => problem);
  if (problems.length > 0) throw new Failure("Forbidden", problems.slice(0, maxRefusals));
  return proven(manifests);
}

/** Who holds the keys can open everything anyway, and needs nobody's word: for the command line, never for the agent. */
export function vouchAsKeyHolder(manifests: readonly Manifest[]): Vouched {
  return proven(manifests);
}

/** The proof exists for the compiler only. */
const proven = (manifests: readonly Manifest[]): Vouched => manifests as Vouched;

function secretOf({ object, digest }: Manifest): SecretToWrite {
  const { namespace = "", name } = object.metadata;
  return { namespace, name, digest, templated: !isEmpty(objectAt(object, "spec", "template", "data")) };
}

const isEmpty = (value: Readonly<Record<string, Json | undefined>> | undefined): boolean =>
  value === undefined || Object.keys(value).length === 0;

const whereIs = ({ id, origin }: Manifest) => ({ ...placeOf(origin), object: describeId(id) });

function withoutNamespace(manifest: Manifest): Problem {
  const hint = "set namespace in the kustomization, or targetNamespace in the Environment";
  return { ...whereIs(manifest), field: "metadata.namespace", message: "has no namespace", hint };
}

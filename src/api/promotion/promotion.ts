import type { ObjectMeta } from "../../model/manifest.ts";
import { narrowSpec } from "../narrow-spec.ts";
import { PromotionSpec } from "./promotion-spec.ts";
import type { PromotionStatus } from "./promotion-status.ts";

/** A Promotion, narrowed: defaults filled in, every field of the type the schema says. */
export interface Promotion {
  readonly metadata: ObjectMeta & { readonly namespace: string };
  readonly spec: PromotionSpec;
  readonly status: PromotionStatus;
}

/** Narrows an object read from the API. Throws `Failure` (SpecInvalid) with one problem per field that is wrong. */
export function readPromotion(object: unknown): Promotion {
  const { metadata, spec, status } = object as {
    metadata: Promotion["metadata"];
    spec?: unknown;
    status?: PromotionStatus;
  };
  const name = `Promotion/${metadata.namespace}/${metadata.name}`;
  return { metadata, spec: narrowSpec(PromotionSpec, spec, name), status: status ?? {} };
}

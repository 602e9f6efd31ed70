import type { ConfiguredBy } from "../provenance/provenance.ts";
import type { ResourceSet } from "../resource/resource-set.ts";

/** A transformation of all objects, ready to run. */
export interface Transformation {
  /** What `buildMetadata` calls it; configured in the kustomization itself unless it says otherwise. */
  readonly by: Pick<ConfiguredBy, "apiVersion" | "kind"> & Partial<ConfiguredBy>;
  readonly run: (set: ResourceSet) => void;
  /** Where in the kustomization it stands, where that is known. */
  readonly field?: string;
}

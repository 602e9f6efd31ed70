import type { FileTree } from "../../model/file-tree.ts";
import type { Budget } from "../budget.ts";
import type { TransformerConfig } from "../fieldspecs/transformer-config.ts";
import type { Helm } from "../generate/helm.ts";
import type { VarInput } from "../kustomization/fields.ts";
import type { Kustomization } from "../kustomization/kustomization.ts";
import type { FileContext } from "../kustomization/read.ts";
import type { Loader } from "../load/loader.ts";
import { type Location, locationFrom } from "../provenance/location.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import type { Schemas } from "./schemas.ts";

/** What the whole of one build shares. */
export interface Build {
  readonly tree: FileTree;
  readonly budget: Budget;
  readonly schemas: Schemas;
  readonly warnings: string[];
  readonly helm: Helm | undefined;
  /** What the outermost kustomization has in `buildMetadata`; it holds for all. */
  readonly metadata: readonly string[];
  /** Adds what the paths lead to; here so that plugins' configurations can be built as resources are. */
  readonly addAll: (target: KustomizationScope, into: Accumulation, paths: readonly string[]) => Promise<void>;
}

/** One kustomization of a build. */
export interface KustomizationScope {
  readonly build: Build;
  readonly loader: Loader;
  readonly kustomization: Kustomization;
  /** The size of its file. */
  readonly bytes: number;
  /** The kustomization's own file, and the kustomizations that led to it, this one included. */
  readonly context: FileContext;
  /** Where the outermost kustomization finds this one, for `buildMetadata`. */
  readonly location: Location;
  /** The namespace an overlay sets, which charts below it are rendered for. */
  readonly helmNamespace: string;
}

/** Where a kustomization's own file is, as `buildMetadata` names it. */
export function fileLocation({ location, context }: KustomizationScope): Location {
  return locationFrom(location, context.file.slice(context.file.lastIndexOf("/") + 1));
}

/** What has come together so far: objects, and the rules by which they are changed at the end. */
export interface Accumulation {
  readonly set: ResourceSet;
  config: TransformerConfig;
  readonly vars: Map<string, VarInput>;
}

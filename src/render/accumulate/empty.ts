import { emptyConfig } from "../fieldspecs/transformer-config.ts";
import { ResourceSet } from "../resource/resource-set.ts";
import type { Accumulation, Build } from "./build.ts";

/** Nothing yet. */
export function emptyAccumulation(build: Build): Accumulation {
  return { set: new ResourceSet(build.schemas.isClusterScoped, build.budget), config: emptyConfig, vars: new Map() };
}

import type { Branch } from "../../tree.ts";
import { Emitter } from "./emitter.ts";
import { mapNode } from "./node.ts";

/**
 * Documents as SOPS writes YAML, byte for byte (`EmitPlainFile` in `stores/yaml/store.go` of getsops/sops, over the
 * emitter of go-yaml v3): four columns a level, nothing folded, every document but the first behind `---`.
 */
export function writeYaml(branches: readonly Branch[]): string {
  const emitter = new Emitter();
  branches.forEach((branch, index) => {
    emitter.document(mapNode(branch), index === 0);
  });
  return emitter.text;
}

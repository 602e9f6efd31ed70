import { stuckPods } from "../../health/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

/** Deletes the pods of failed revisions that stand in the way of the one that is gone back to, each once. */
export class PodFreer {
  readonly #target: Pick<ApplyTarget, "cluster" | "evidence">;
  readonly #failed: (failure: Failure) => void;
  /** The uids of pods whose deletion was asked for. */
  readonly #freed = new Set<string>();

  constructor(target: Pick<ApplyTarget, "cluster" | "evidence">, failed: (failure: Failure) => void) {
    this.#target = target;
    this.#failed = failed;
  }

  /** A StatefulSet does not replace a pod of a newer revision that never becomes ready (kubernetes/kubernetes#67250). */
  free(object: KubeObject, signal: AbortSignal): void {
    for (const { metadata } of stuckPods({ object, ...this.#target.evidence.of(object) })) {
      const { uid, name, namespace = "" } = metadata;
      if (uid === undefined || this.#freed.has(uid)) continue;
      this.#freed.add(uid);
      const ref = { apiVersion: "v1", kind: "Pod", namespace, name };
      const options = { uid, propagation: "Background" } as const;
      this.#target.cluster.delete(ref, options, signal).catch((thrown: unknown) => {
        const failure = toFailure(thrown);
        if (failure.code === "Bug") this.#failed(failure);
        // Tried again when it is judged next.
        this.#freed.delete(uid);
      });
    }
  }
}

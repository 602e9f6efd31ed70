import { stuckPods } from "../../health/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

/** What of a target tells which pods are stuck, and deletes them. */
interface FreeingTarget {
  readonly cluster: Pick<ApplyTarget["cluster"], "delete">;
  readonly evidence: Pick<ApplyTarget["evidence"], "of">;
}

/** Deletes the pods of a failed revision that block the rollback, each once. */
export class PodFreer {
  readonly #target: FreeingTarget;
  readonly #failed: (failure: Failure) => void;
  /** The uids of pods whose deletion was asked for. */
  readonly #freed = new Set<string>();

  constructor(target: FreeingTarget, failed: (failure: Failure) => void) {
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
        // Tried again when the object is judged next.
        this.#freed.delete(uid);
      });
    }
  }
}

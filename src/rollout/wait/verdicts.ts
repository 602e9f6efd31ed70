import { formatId } from "../../model/object-id.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { Unhealthy } from "../diagnosis/unhealthy.ts";
import type { KubeObjectRef } from "../target/apply-target.ts";

/** The verdicts of one wait so far: what is not known to be healthy, and what of that is to be judged anew. */
export class Verdicts {
  readonly #objects: readonly KubeObjectRef[];
  readonly #byKey: ReadonlyMap<string, KubeObjectRef>;
  /** What is not known to be healthy; an object that becomes unhealthy again comes back. */
  readonly #open: Map<string, KubeObjectRef>;
  readonly #due = new Set<string>();
  readonly #verdicts = new Map<string, Verdict>();
  /** Whose last verdict is that they failed. */
  readonly #failed = new Set<string>();

  constructor(objects: readonly KubeObjectRef[]) {
    this.#objects = objects;
    this.#byKey = new Map(objects.map((object) => [formatId(object.id), object]));
    this.#open = new Map(this.#byKey);
  }

  /** Whether an object is waited for. */
  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** What is not known to be healthy. */
  get open(): readonly KubeObjectRef[] {
    return [...this.#open.values()];
  }

  /** How the wait stands, by the last verdict of each object. */
  get state(): "failed" | "healthy" | "open" {
    if (this.#failed.size > 0) return "failed";
    return this.#open.size === 0 ? "healthy" : "open";
  }

  /** Something is to be judged. */
  get isDue(): boolean {
    return this.#due.size > 0;
  }

  /** An object may be otherwise than it was judged; false where it is not waited for. */
  reopen(key: string): boolean {
    const object = this.#byKey.get(key);
    if (object === undefined) return false;
    this.#open.set(key, object);
    this.#due.add(key);
    return true;
  }

  /** Everything open is to be judged anew, or what of it is in a namespace. */
  markOpen(namespace?: string): void {
    for (const [key, { id }] of this.#open) {
      if (namespace === undefined || id.namespace === namespace) this.#due.add(key);
    }
  }

  /** The objects to be judged now; what becomes due meanwhile is for the next time. */
  takeDue(): readonly KubeObjectRef[] {
    const due = [...this.#due].flatMap((key) => this.#open.get(key) ?? []);
    this.#due.clear();
    return due;
  }

  record({ id }: KubeObjectRef, verdict: Verdict): void {
    const key = formatId(id);
    this.#verdicts.set(key, verdict);
    if (verdict.state === "failed") this.#failed.add(key);
    else this.#failed.delete(key);
    if (verdict.state === "current") this.#open.delete(key);
  }

  /** What the wait ended by: what failed, or at the deadline everything that is not healthy, in the order of the objects. */
  unhealthy(code: Unhealthy["code"]): Unhealthy {
    const states: readonly Verdict["state"][] =
      code === "HealthFailed" ? ["failed"] : ["failed", "inProgress", "terminating", "notFound"];
    const objects = this.#objects.flatMap((object) => {
      const verdict = this.#verdicts.get(formatId(object.id));
      return verdict === undefined || !states.includes(verdict.state) ? [] : [{ object, verdict }];
    });
    return { code, objects };
  }
}

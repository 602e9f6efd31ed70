import type { ResourceType, Subscription, WatchHub } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { ObjectId } from "../../model/object-id.ts";

/** A kind, in the version of its manifests, and the namespaces of its objects, which matter only where not all may be listed. */
export interface Tracked {
  readonly type: ResourceType;
  readonly namespaces: readonly string[];
  /** Its health, or a health expression of the Environment, needs more than its metadata. */
  readonly whole: boolean;
}

/** A first list that takes longer is reported as an error; the watch goes on trying. */
const listPatienceMs = 30_000;

const everywhere = "";

/** One kind as one Environment uses it: by a single watch, or one for each of its namespaces. */
export class KindUse {
  readonly #kind: Tracked;
  readonly #subscribe: (namespace: string) => Subscription;
  readonly #hub: WatchHub;
  /** A refused one is kept too, until the next attempt: it says why nothing is shown. */
  readonly #held = new Map<string, Subscription>();
  /** Why the last attempt was refused, while the next one is under way. */
  readonly #refusals = new Map<string, Failure>();

  constructor(kind: Tracked, subscribe: (namespace: string) => Subscription, hub: WatchHub) {
    this.#kind = kind;
    this.#subscribe = subscribe;
    this.#hub = hub;
  }

  /** Shows more than metadata. */
  get isWhole(): boolean {
    return this.#kind.whole;
  }

  isOf({ group, kind }: ObjectId): boolean {
    return this.#kind.type.group === group && this.#kind.type.kind === kind;
  }

  /** The watch that shows the object, where one has been listed. */
  watchOf(id: ObjectId): Subscription | undefined {
    return this.#watchesOf(id).find(({ state }) => state === "listed");
  }

  failureOf(id: ObjectId): Failure | undefined {
    const shown = this.watchOf(id);
    if (shown !== undefined) return shown.failure();
    const refusal = this.#refusals.get(id.namespace) ?? this.#refusals.get(everywhere);
    return firstOf(this.#watchesOf(id), (watch) => watch.failure()) ?? refusal;
  }

  async follow(namespaces: readonly string[], signal: AbortSignal): Promise<void> {
    const { type } = this.#kind;
    // Cluster-scoped objects can only be listed as a whole.
    const hasChoice = type.namespaced && !namespaces.includes(everywhere);
    const known = hasChoice ? this.#hub.refused(type) : undefined;
    const refused = known ?? (await this.#tryEverywhere(signal));
    if (refused === undefined) return;
    if (!hasChoice) throw refused;
    await Promise.all(namespaces.map((namespace) => this.#followOne(namespace, signal)));
  }

  /** Closes the watches that these namespaces do not need, and those of single namespaces once all are watched. */
  retain(namespaces: readonly string[]): void {
    const whole = this.#held.get(everywhere);
    for (const [namespace, watch] of this.#held) {
      const isNeeded = namespace === everywhere ? namespaces.length > 0 : namespaces.includes(namespace);
      const isDouble = whole?.state === "listed" && watch !== whole;
      if (isNeeded && !isDouble && watch.state !== "ended") continue;
      void watch.close();
      this.#held.delete(namespace);
      this.#refusals.delete(namespace);
    }
  }

  #watchesOf({ namespace }: ObjectId): readonly Subscription[] {
    return [namespace, everywhere].flatMap((each) => this.#held.get(each) ?? []);
  }

  async #tryEverywhere(signal: AbortSignal): Promise<Failure | undefined> {
    try {
      await this.#followOne(everywhere, signal);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code !== "Forbidden") throw thrown;
      return thrown;
    }
  }

  async #followOne(namespace: string, signal: AbortSignal): Promise<void> {
    const watch = this.#watchFor(namespace);
    const limit = AbortSignal.timeout(listPatienceMs);
    try {
      await watch.ready(AbortSignal.any([signal, limit]));
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      // It may just be slow, and goes on; the failure says why.
      throw limit.aborted ? (watch.failure() ?? thrown) : thrown;
    }
  }

  /** A watch that was refused is opened again: the rights may have changed. */
  #watchFor(namespace: string): Subscription {
    const known = this.#held.get(namespace);
    if (known !== undefined && known.state !== "ended") return known;
    const refusal = known?.failure();
    if (refusal !== undefined) this.#refusals.set(namespace, refusal);
    void known?.close();
    const watch = this.#subscribe(namespace);
    this.#held.set(namespace, watch);
    return watch;
  }
}

/** The first of several answers that is one. */
export function firstOf<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

import { apiVersion } from "../../../api/names.ts";
import { pause } from "../../../clock/index.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { heardElsewhere } from "../../../model/async/heard-elsewhere.ts";
import { inParallel } from "../../../model/async/in-parallel.ts";
import { Failure } from "../../../model/failure.ts";
import type { InventoryEntry } from "../../../model/inventory.ts";
import type { OwnershipPeers } from "../../../rollout/index.ts";

type Owner = { readonly name: string; readonly namespace: string };

/** An object, by inventory id, and the Environment whose labels it carries. */
type Labelled = readonly [id: string, owner: Owner];

/** An Environment, as the other Environments of the same agent see it. */
export interface Peer {
  readonly owner: Owner;
  /** Names the cluster that it rolls out to; equal for Environments that share one. */
  readonly place: string;
  /** Names what it follows; equal for Environments that get their commits together. */
  readonly follows: string;
  /**
   * The inventory ids of what it wants to have now, as far as that is known; `commit` is one that it should know if it
   * follows the same. Never throws but for the signal.
   */
  desiredIds(commit: string | undefined, signal: AbortSignal): Promise<ReadonlySet<string>>;
  /**
   * Whether the identity that it acts as may make and change this very object. Throws `Failure` only where the API server
   * does not answer: what is wrong with the Environment itself is a no.
   */
  mayWrite(entry: InventoryEntry, signal: AbortSignal): Promise<boolean>;
  /** Looks again: something that it wants is to be had. */
  wake(): void;
}

/** An Environment, and those that may claim the same objects. */
export interface OwnershipPeersContext {
  readonly me: Peer;
  readonly peers: () => readonly Peer[];
  /** The commit that this Environment is at, where it knows one. */
  readonly commit: () => Promise<string | undefined>;
  /** The cluster of the Environments themselves. */
  readonly cluster: Cluster;
}

/** Who rolls out to the agent's own cluster. */
export const ownPlace = "";

const concurrency = 16;
/** How long one of them may take to answer; after that, what it last wanted counts. */
const patienceMs = 15_000;
/** One that takes longer than this is waited for only if it may write there at all: an Environment without that right cannot delay a rollout. */
const promptMs = 1_000;

const mostWoken = 1_000;

/** What its peers claim of objects that move between Environments. */
export function createOwnershipPeers({ me, peers, commit, cluster }: OwnershipPeersContext): OwnershipPeers {
  const isMe = ({ name, namespace }: Owner) => name === me.owner.name && namespace === me.owner.namespace;
  /** Which peer was woken for which object: once, or two that cannot have what they want would wake each other for ever. */
  const woken = new Set<string>();
  const wakeFor = (peer: Peer, ids: readonly string[]) => {
    const unseen = ids
      .map((id) => `${peer.owner.namespace}/${peer.owner.name} ${id}`)
      .filter((each) => !woken.has(each));
    // Forgetting it costs a pass that finds nothing to do.
    if (woken.size > mostWoken) woken.clear();
    for (const each of unseen) woken.add(each);
    if (unseen.length > 0) peer.wake();
  };
  const sameCluster = () => peers().filter(({ owner, place }) => place === me.place && !isMe(owner));

  const desiredBy = async (peer: Peer, signal: AbortSignal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    return peer.desiredIds(peer.follows === me.follows ? await commit() : undefined, limit);
  };

  /** What of these objects an Environment wants and may write. To name an object alone is no claim. */
  async function claimsOf(peer: Peer, entries: readonly InventoryEntry[], signal: AbortSignal) {
    const writable = async (these: readonly InventoryEntry[]) => {
      const may = await Promise.all(these.map((entry) => peer.mayWrite(entry, signal)));
      return these.filter((_, index) => may[index]);
    };
    const answer = desiredBy(peer, signal);
    heardElsewhere(answer);
    const prompt = await Promise.race([answer, pause(promptMs, signal)]);
    const able = prompt === undefined ? await writable(entries) : entries;
    if (able.length === 0) return [];
    const desires = await answer;
    const wanted = able.filter(({ id }) => desires.has(id));
    return prompt === undefined ? wanted : writable(wanted);
  }

  /**
   * An Environment that is gone wants nothing. Whether one of another cluster is gone, nobody here knows; nor whether one
   * is that the agent may not read.
   */
  async function isGone({ name, namespace }: Owner, signal: AbortSignal): Promise<boolean> {
    if (me.place !== ownPlace) return false;
    try {
      return (await cluster.get({ apiVersion, kind: "Environment", namespace, name }, signal)) === undefined;
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.code === "Forbidden") return false;
      throw thrown;
    }
  }

  async function unclaimedBy(members: readonly Labelled[], signal: AbortSignal): Promise<readonly string[]> {
    const ids = members.map(([id]) => id);
    const [first] = members;
    if (first === undefined) return [];
    const [, owner] = first;
    const same = (each: Peer) => each.owner.name === owner.name && each.owner.namespace === owner.namespace;
    const peer = sameCluster().find(same);
    if (peer === undefined) return !peers().some(same) && (await isGone(owner, signal)) ? ids : [];
    const desires = await desiredBy(peer, signal);
    return ids.filter((id) => !desires.has(id));
  }

  return {
    async claimedBy(entries, signal) {
      const found = new Map<string, Owner>();
      await inParallel(
        sameCluster(),
        concurrency,
        async (peer) => {
          const wanted = await claimsOf(peer, entries, signal);
          for (const { id } of wanted) found.set(id, peer.owner);
          wakeFor(
            peer,
            wanted.map(({ id }) => id),
          );
        },
        signal,
      );
      return found;
    },
    async unclaimed(objects, signal) {
      const owners = Map.groupBy(objects, ([, { namespace, name }]) => `${namespace}/${name}`);
      const groups = [...owners.values()];
      const answer = await inParallel(groups, concurrency, (members) => unclaimedBy(members, signal), signal);
      return new Set(answer.flat());
    },
  };
}

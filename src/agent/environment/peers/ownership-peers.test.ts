import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import { createOwnershipPeers, ownPlace, type Peer } from "./ownership-peers.ts";

const signal = new AbortController().signal;
const web = { id: "shop_web_apps_Deployment", v: "v1" };
const settings = { id: "shop_settings__ConfigMap", v: "v1" };

interface Attitude {
  readonly wants?: readonly string[];
  readonly mayWrite?: (id: string) => boolean | Failure;
  readonly place?: string;
  /** It never says what it wants. */
  readonly hangs?: boolean;
}

function peer(name: string, { wants = [], mayWrite = () => true, place = ownPlace, hangs = false }: Attitude = {}) {
  const log: string[] = [];
  const value: Peer = {
    owner: { name, namespace: `team-${name}` },
    place,
    follows: name,
    async desiredIds(_commit, ends) {
      if (!hangs) return new Set(wants);
      await new Promise((resolve) => ends.addEventListener("abort", resolve, { once: true }));
      return new Set(wants);
    },
    async mayWrite({ id }) {
      log.push(id);
      const said = mayWrite(id);
      if (said instanceof Failure) throw said;
      return said;
    },
    wake: () => void log.push("woken"),
  };
  return { value, log };
}

/** What others say to an Environment that holds both objects and is about to delete them. */
function asked(others: readonly { readonly value: Peer }[]) {
  const me = peer("victim").value;
  const peers = () => [me, ...others.map(({ value }) => value)];
  const get: Cluster["get"] = async () => {
    throw new Failure("Forbidden", { message: "environments is forbidden" });
  };
  // Nothing else of a cluster is asked for.
  const cluster = { get } as unknown as Cluster;
  return createOwnershipPeers({ me, peers, commit: async () => undefined, cluster });
}

describe("an object that others name", () => {
  test("is kept for who wants it and may write it, and that one is woken", async () => {
    const heir = peer("heir", { wants: [web.id] });
    const wanted = await asked([heir]).claimedBy([web, settings], signal);
    expect([...wanted]).toEqual([[web.id, heir.value.owner]]);
    expect(heir.log).toEqual([web.id, "woken"]);
  });

  test("is kept for nobody who may not write it", async () => {
    const thief = peer("thief", { wants: [web.id, settings.id], mayWrite: (id) => id === settings.id });
    const wanted = await asked([thief]).claimedBy([web, settings], signal);
    expect([...wanted.keys()]).toEqual([settings.id]);
    expect(await asked([peer("thief", { wants: [web.id], mayWrite: () => false })]).claimedBy([web], signal)).toEqual(
      new Map(),
    );
  });

  test("costs no question where nobody else names it", async () => {
    const others = [peer("a", { wants: ["x_y__ConfigMap"] }), peer("b")];
    expect(await asked(others).claimedBy([web, settings], signal)).toEqual(new Map());
    expect(others.map(({ log }) => log)).toEqual([[], []]);
  });

  test("is not deleted while it cannot be told who may write it", async () => {
    const lost = new Failure("ClusterUnreachable", { message: "gone" });
    const heir = peer("heir", { wants: [web.id], mayWrite: () => lost });
    await expect(asked([heir]).claimedBy([web], signal)).rejects.toBe(lost);
  });

  test("is not waited for where who does not answer may not write it anyway", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], fakeNodeBuiltins: true });
    onTestFinished(() => void vi.useRealTimers());
    vi.setTimerTickMode("nextTimerAsync");
    const slow = Array.from({ length: 32 }, (_, index) =>
      peer(`slow-${index}`, { wants: [web.id], mayWrite: () => false, hangs: true }),
    );
    const answer = asked([...slow, peer("heir", { wants: [settings.id] })]).claimedBy([web, settings], signal);
    expect([...(await answer).keys()]).toEqual([settings.id]);
  });

  test("is not taken from an Environment that the agent may not look at", async () => {
    const labelled = new Map([[web.id, { name: "elsewhere", namespace: "team-x" }]]);
    expect(await asked([]).unclaimed(labelled, signal)).toEqual(new Set());
  });
});

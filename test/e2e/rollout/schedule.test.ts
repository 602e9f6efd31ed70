import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";

const configMap = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {value: "${value}"}\n`;

/** A minute that lies as far from now as a year allows. */
function farWindow(): { readonly allow: string; readonly duration: string } {
  const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
  return { allow: `0 0 15 ${month} *`, duration: "1m" };
}

describe("a schedule", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    world.startAgent();
  });
  afterAll(() => world?.stop());

  it("lets a new revision wait for the window, and keeps what is there", async () => {
    const signal = AbortSignal.timeout(50_000);
    const { url, tree } = await world.repository("schedule");
    const spec = { source: { url, ref: { branch: "main" } }, path: "./app", interval: "1s" };
    const value = async () => (await world.get("ConfigMap", "default", "a"))?.data;
    const first = await tree.commit({ "app/a.yaml": configMap("first") }, "first");
    await world.environment("schedule", spec);
    await world.condition("schedule", "Ready", { status: "True", revision: first });

    await world.environment("schedule", { ...spec, schedule: [farWindow()] });
    const second = await tree.commit({ "app/a.yaml": configMap("second") }, "second");
    const held = await world.condition("schedule", "Held", { status: "True", reason: "OutsideSchedule" });
    expect(held.conditions?.find(({ type }) => type === "Held")?.message).toContain(second.slice(0, 7));
    expect(held.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");

    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };
    const tampered = { type: "merge", body: { data: { value: "tampered" } } } as const;
    await world.admin.patch(ref, tampered, { fieldManager: "someone" }, signal);
    await eventually(async () => ((await value()) as { value?: string })?.value === "first", {
      what: "drift to be set right",
    });

    await world.environment("schedule", spec);
    await world.condition("schedule", "Ready", { status: "True", revision: second });
    expect(await value()).toEqual({ value: "second" });
  });
});

import { join } from "node:path";
import { expect, test } from "vitest";
import { apiVersion } from "../../src/api/names.ts";
import { connect } from "../../src/cluster/index.ts";
import { install } from "../support/agent/install.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import { eventually } from "../support/wait.ts";
import { namespaces } from "./cluster.ts";
import { startDemo } from "./run-demo.ts";
import { deploymentState, storefront } from "./shop.ts";

const program = join(import.meta.dirname, "main.ts");
const minutes = 60_000;

test(
  "npm run demo shows seven steps that are true, and leaves nothing",
  async () => {
    await using demo = await startDemo("npm", ["run", "demo"]);
    expect(await demo.ended, demo.output()).toBe(0);
    const output = demo.output();
    expect([...output.matchAll(/^(\d)\. /gm)].map(([, number]) => number)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(output).toMatch(/ImagePullBackOff.*\n(.*\n)*.*the old version never stopped serving: 3 of 3 ready/);
    expect(output).toContain("All 7 steps were true");
    // Neither colours nor moving lines where nobody looks.
    expect(output).not.toContain("\u001b");
    expect(await demo.remains()).toEqual([]);
  },
  8 * minutes,
);

test(
  "a moment in which the old version served less is found, in a cluster that is borrowed and left as it was",
  async () => {
    await using plane = await startControlPlane();
    const admin = await connect({ from: "files", paths: [plane.kubeconfig] });
    const signal = AbortSignal.timeout(2 * minutes);
    await using demo = await startDemo(process.execPath, [program, "--kubeconfig", plane.kubeconfig]);
    const isBroken = async () => (await deploymentState(admin, storefront, signal)).image.endsWith(":missing");
    await eventually(async () => demo.child.exitCode !== null || (await isBroken()), {
      what: "the broken image",
      timeout: 2 * minutes,
    });
    expect(demo.child.exitCode, demo.output()).toBeNull();
    const pods = await admin.resource("v1", "Pod", signal);
    if (pods === undefined) throw new Error("no Pods are served");
    const { items } = await admin.list(
      pods,
      { namespace: namespaces.production, labelSelector: "app=storefront" },
      signal,
    );
    const victim = items.find((pod) => JSON.stringify(pod.spec).includes("unprivileged:1.28"));
    const ref = { apiVersion: "v1", kind: "Pod", namespace: namespaces.production, name: victim?.metadata.name ?? "" };
    await admin.delete(ref, { propagation: "Background" }, signal);

    expect(await demo.ended, demo.output()).toBe(1);
    expect(demo.output()).toMatch(
      /step 6 is not true: A commit with a broken image\n.*\nseen: +only 2 of 3 ready at one time/,
    );
    for (const name of Object.values(namespaces)) {
      expect(await admin.get({ apiVersion: "v1", kind: "Namespace", name }, signal)).toBeUndefined();
    }
    expect(await admin.resource(apiVersion, "Environment", signal)).toBeUndefined();
    // Only the cluster that was lent still answers.
    expect(await demo.remains()).toEqual([`port ${new URL(plane.server).port}`]);
    await admin.close();
  },
  8 * minutes,
);

test("Ctrl-C in the middle leaves nothing", async () => {
  await using demo = await startDemo(process.execPath, [program]);
  await eventually(() => demo.output().includes("1. First sync"), { what: "the first step", timeout: 60_000 });
  expect(await demo.remains()).not.toEqual([]);
  demo.child.kill("SIGINT");
  expect(await demo.ended).toBe(130);
  expect(await demo.remains()).toEqual([]);
});

test("a cluster with Mooring in it is left alone", async () => {
  await using plane = await startControlPlane({ schedulerAndControllers: false });
  const admin = await connect({ from: "files", paths: [plane.kubeconfig] });
  await install(admin);
  await using demo = await startDemo(process.execPath, [program, "--kubeconfig", plane.kubeconfig]);
  expect(await demo.ended).toBe(1);
  expect(demo.output()).toMatch(/has .*CustomResourceDefinition environments\.mooring\.dev.* already/);
  expect(await admin.resource(apiVersion, "Environment", AbortSignal.timeout(10_000))).toBeDefined();
  await admin.close();
});

test.each([
  ["without git", [], { PATH: "/nonexistent" }, "Git is needed"],
  ["with a flag there is not", ["--fast"], {}, "--fast"],
  ["with a kubeconfig there is not", ["--kubeconfig", "/nonexistent"], {}, "cannot read the kubeconfig /nonexistent"],
])("%s it says so in a sentence", async (_, args, env, words) => {
  await using demo = await startDemo(process.execPath, [program, ...args], env);
  expect(await demo.ended).toBe(1);
  expect(demo.output()).toContain(words);
  expect(demo.output()).not.toMatch(/^ +at /m);
});

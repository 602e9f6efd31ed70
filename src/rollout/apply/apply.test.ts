/** A stage is written wave by wave, every object of a wave is tried, and what is refused is told together. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster, type Write } from "../../../test/rollout/fake-cluster.ts";
import {
  definition,
  deployment,
  labelsOf,
  never,
  policy,
  settings,
  stageOf,
  unseal,
} from "../../../test/rollout/objects.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { prepare } from "../prepare.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { applyStage, type Written } from "./apply.ts";
import { type StageWrites, stageWrites } from "./stage-writes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const role: KubeObject = {
  ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" },
  metadata: { name: "r", namespace: "shop", labels: labelsOf() },
};
const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: labelsOf() } };
const widget: KubeObject = {
  ...{ apiVersion: "example.com/v1", kind: "Widget" },
  metadata: { name: "w", namespace: "shop", labels: labelsOf() },
};

/** Prepares objects and applies them; `between` comes after the plan and before the first write. */
async function applied(
  fake: FakeCluster,
  objects: readonly KubeObject[],
  {
    between = () => undefined,
    onFound,
    target = fake.target(),
  }: {
    readonly between?: () => void;
    readonly onFound?: StageWrites["onFound"];
    readonly target?: ApplyTarget;
  } = {},
): Promise<Written | Failure> {
  const prepared = await prepare(
    target,
    { stages: [stageOf(objects)], inventory: { entries: [] }, policy, unseal },
    never,
  );
  const [stage] = prepared.observation.stages;
  if (stage === undefined) throw new Error("nothing was prepared");
  between();
  const writes = { ...stageWrites(prepared, stage), ...(onFound === undefined ? {} : { onFound }) };
  const writing = applyStage(target, writes, never).catch((thrown: unknown) =>
    thrown instanceof Failure ? thrown : Promise.reject(thrown),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  return writing;
}

test("in the order of the waves, and what stays as it is not at all", async () => {
  const fake = new FakeCluster();
  const same = settings("same", { namespace: "office" });
  fake.put(same);
  const written = await applied(fake, [deployment("web"), settings("config"), same, role, namespace]);
  expect(fake.writes).toEqual([
    "apply Namespace/shop",
    "apply Role/r",
    "apply ConfigMap/config",
    "apply Deployment/web",
  ]);
  expect(written).toMatchObject({ revised: new Map() });
  expect([...(written instanceof Failure ? [] : written.versions.keys())].sort()).toEqual([
    "_shop__Namespace",
    "shop_config__ConfigMap",
    "shop_r_rbac.authorization.k8s.io_Role",
    "shop_web_apps_Deployment",
  ]);
});

test("kinds that come with it are served before their objects are written", async () => {
  const fake = new FakeCluster();
  const crd = ["apiextensions.k8s.io/v1", "CustomResourceDefinition"] as const;
  fake.served = [crd];
  fake.refuse = ({ verb, object, dryRun }: Write) => {
    if (verb === "apply" && object.kind === "CustomResourceDefinition" && !dryRun) {
      setTimeout(() => {
        fake.served = [crd, ["example.com/v1", "Widget"]];
      }, 2_000);
    }
    return undefined;
  };
  expect(await applied(fake, [widget, definition("Widget")])).not.toBeInstanceOf(Failure);
  expect(fake.writes).toEqual(["apply CustomResourceDefinition/widgets.example.com", "apply Widget/w"]);
});

describe("where objects are refused at their write", () => {
  const refusing = (...names: readonly string[]) => {
    const fake = new FakeCluster();
    const refuse = ({ object, dryRun }: Write) =>
      names.includes(object.name) && !dryRun
        ? new Failure("ObjectInvalid", { message: `not ${object.name}` })
        : undefined;
    fake.refuse = refuse;
    return fake;
  };

  test("every object of the wave is tried, none of a later one, and all are told with their files", async () => {
    const fake = refusing("one", "three");
    const failure = await applied(fake, [settings("one"), settings("two"), settings("three"), deployment("web")]);
    expect(fake.writes).toEqual(["apply ConfigMap/two"]);
    expect(failure).toMatchObject({
      code: "ObjectInvalid",
      problems: [
        { file: "one.yaml", object: "ConfigMap/shop/one", message: "not one" },
        { file: "three.yaml", object: "ConfigMap/shop/three", message: "not three" },
      ],
    });
  });

  test("one that a later object may mend is tried again when all have been written", async () => {
    const fake = new FakeCluster();
    const hook: KubeObject = {
      ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" },
      metadata: { name: "hook", labels: labelsOf() },
    };
    fake.refuse = ({ object, dryRun }) =>
      object.name === "web" && !dryRun && !fake.writes.includes("apply ValidatingWebhookConfiguration/hook")
        ? new Failure("AdmissionDenied", { message: "no" })
        : undefined;
    expect(await applied(fake, [deployment("web"), hook])).not.toBeInstanceOf(Failure);
    expect(fake.writes).toEqual(["apply ValidatingWebhookConfiguration/hook", "apply Deployment/web"]);
  });

  test("and is told where it is refused then as well", async () => {
    const fake = new FakeCluster();
    const hook: KubeObject = {
      ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" },
      metadata: { name: "hook", labels: labelsOf() },
    };
    fake.refuse = ({ object, dryRun }) =>
      object.name === "web" && !dryRun ? new Failure("AdmissionDenied", { message: "still no" }) : undefined;
    expect(await applied(fake, [deployment("web"), hook])).toMatchObject({
      code: "AdmissionDenied",
      problems: [{ object: "Deployment/shop/web", message: "still no" }],
    });
  });
});

describe("what is found otherwise than it was planned", () => {
  test("is told before it is changed, and answered as what was done", async () => {
    const fake = new FakeCluster();
    const found: string[] = [];
    const written = await applied(fake, [settings("web", {}, { data: { a: "1" } })], {
      between: () => void fake.put(settings("web", {}, { data: { a: "by hand" } })),
      onFound: async ({ id, action }) => void found.push(`${action.type} ${id.name} after ${fake.writes.length}`),
    });
    expect(found).toEqual(["update web after 0"]);
    expect(written).toMatchObject({ revised: new Map([["shop_web__ConfigMap", { type: "update" }]]) });
  });

  test("to be left alone is left, and answered as skipped", async () => {
    const fake = new FakeCluster();
    const disabled = { annotations: { "mooring.dev/reconcile": "disabled" } };
    const written = await applied(fake, [settings("web")], {
      between: () => void fake.put(settings("web", disabled)),
    });
    expect(fake.writes).toEqual([]);
    expect(written).toMatchObject({
      versions: new Map(),
      revised: new Map([["shop_web__ConfigMap", { type: "skip", reason: "reconcile: disabled", remembered: "owned" }]]),
    });
  });
});

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type Cluster, connect } from "../../src/cluster/index.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { runMooring } from "../cli/run-mooring.ts";
import { install } from "../support/agent/install.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { tool } from "../toolchain/tools.ts";
import { examples } from "./repository.ts";

test.each(["staging", "production"])("the overlay %s comes to what kustomize makes of it", async (name) => {
  const overlay = join(examples, "environment/overlays", name);
  const { stdout } = await promisify(execFile)(await tool("kustomize"), ["build", overlay]);
  expect(await runMooring(["build", overlay])).toEqual({ code: 0, stdout, stderr: "" });
});

describe("the Environments of the example", () => {
  let plane: ControlPlane;
  let admin: Cluster;
  let environments: readonly KubeObject[];

  beforeAll(async () => {
    plane = await startControlPlane({ schedulerAndControllers: false });
    admin = await connect({ from: "files", paths: [plane.kubeconfig] });
    await install(admin);
    environments = await objectsIn("environment.yaml");
  });
  afterAll(async () => {
    await admin?.close();
    await plane?.stop();
  });

  const objectsIn = async (file: string): Promise<readonly KubeObject[]> => {
    const text = await readFile(join(examples, file), "utf8");
    return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
  };
  const submit = (object: KubeObject) =>
    admin.apply(object, { dryRun: true, force: false }, AbortSignal.timeout(10_000));

  test("are accepted by the API server", async () => {
    expect(environments.map(({ metadata }) => metadata.name)).toEqual(["staging", "production"]);
    for (const environment of environments) expect((await submit(environment)).created).toBe(true);
  });

  test("and so is the Promotion between them", async () => {
    for (const promotion of await objectsIn("promotion.yaml")) expect((await submit(promotion)).created).toBe(true);
  });

  test("would not be with a field misspelt", async () => {
    const [environment] = environments;
    if (environment === undefined) throw new Error("there is none");
    await expect(submit({ ...environment, spec: { ...(environment.spec as object), pth: "." } })).rejects.toThrow(
      /pth/,
    );
  });
});

import { describe, expect, test } from "vitest";
import { render, renderYaml } from "../../src/render/index.ts";
import { directoryTree } from "../../src/source/index.ts";
import { goMissing } from "../toolchain/tools.ts";
import { kustomizeBuild } from "./oracle.ts";
import { sharedFolder } from "./shared.ts";

const environments = sharedFolder("environments");

const paths = [
  "podinfo/kustomize",
  "podinfo/deploy/overlays/dev",
  "podinfo/deploy/overlays/staging",
  "podinfo/deploy/overlays/production",
  "online-boutique/kustomize",
];

describe.skipIf(environments === undefined || goMissing() !== undefined)(
  "environments of others, as the real kustomize builds them (skipped without ../shared/environments or Go)",
  () => {
    test.each(paths)("%s", async (path) => {
      const expected = await kustomizeBuild(`${environments}/${path}`);
      const rendered = await render(directoryTree(environments ?? ""), path);
      expect({ output: renderYaml(rendered) }).toEqual(expected);
    });
  },
);

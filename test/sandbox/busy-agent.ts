import { memoryTree } from "../../src/render/index.ts";
import { createSandbox, sandboxedRendering, standardLimits } from "../../src/sandbox/index.ts";

/** Stands for an agent, for `orphans.test.ts`: has a worker do what takes it minutes, and gives it an hour. */
const limits = { ...standardLimits.quick, cpuMs: 3_600_000, deadlineMs: 3_600_000 };
const sandbox = createSandbox({ ...standardLimits, quick: limits });
const map = (n: number) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a${n}}\n`;
const patch = (n: number) =>
  `- {target: {name: "(a+)+${n}b"}, patch: '[{"op": "add", "path": "/data", "value": {}}]'}\n`;
const all = (count: number, one: (n: number) => string, between: string) =>
  Array.from({ length: count }, (_, n) => one(n)).join(between);
const tree = memoryTree({
  "kustomization.yaml": `resources: [a.yaml]\npatches:\n${all(6_000, patch, "")}`,
  "a.yaml": all(4_000, map, "---\n"),
});
const { build } = sandboxedRendering(sandbox, { namespace: "a", name: "bomb" });
await build(tree, { path: "", post: {}, remotes: new Map(), sops: undefined });

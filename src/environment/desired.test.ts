import { describe, expect, test } from "vitest";
import { readEnvironment } from "../api/environment/environment.ts";
import { EnvironmentSpec } from "../api/environment/environment-spec.ts";
import type { Cluster } from "../cluster/index.ts";
import { memoryTree } from "../render/index.ts";
import { contentDigest, createStageRenderer } from "../rollout/index.ts";
import { clusterVariables, desiredStages, inlineVariables, openingOf, planTrees } from "./index.ts";

const url = "https://git.example.com/acme/environment.git";

/** For every field of the spec: what it is set to, and whether that makes other objects of the same repository. */
const fields: { readonly [K in keyof Required<EnvironmentSpec>]: readonly [EnvironmentSpec[K], "other" | "same"] } = {
  source: [{ url, ref: { branch: "next" } }, "same"],
  path: ["./other", "other"],
  stages: [[{ name: "all", path: "./app", timeout: "1m" }], "other"],
  interval: ["2m", "same"],
  retryInterval: ["10s", "same"],
  timeout: ["9m", "same"],
  suspend: [true, "same"],
  prune: [false, "same"],
  deletionGuard: [{ maxObjects: 1, maxPercent: 1, kinds: [] }, "same"],
  deletionPolicy: ["Orphan", "same"],
  drift: ["report", "same"],
  rollback: ["off", "same"],
  dependsOn: [[{ name: "other" }], "same"],
  forge: [{ type: "gitea", url: "https://git.example.com", repository: "a/b", secretRef: { name: "t" } }, "same"],
  serviceAccountName: ["deployer", "same"],
  kubeConfig: [{ secretRef: { name: "other" } }, "same"],
  decryption: [{ secretRef: { name: "keys" } }, "same"],
  targetNamespace: ["shop", "other"],
  namePrefix: ["new-", "other"],
  nameSuffix: ["-new", "other"],
  commonMetadata: [{ labels: { team: "a" } }, "other"],
  patches: [[{ patch: "- {op: add, path: /data/b, value: c}", target: { kind: "ConfigMap" } }], "other"],
  images: [[{ name: "nginx", newTag: "2" }], "other"],
  components: [["../component"], "other"],
  postBuild: [{ substitute: { WHO: "me" } }, "other"],
  ignore: [[{ target: { kind: "Deployment" }, paths: ["/spec/replicas"] }], "same"],
  force: [true, "same"],
  healthChecks: [[{ apiVersion: "v1", kind: "Service", name: "x", namespace: "shop" }], "same"],
  healthCheckExprs: [[{ apiVersion: "a/v1", kind: "B", current: "true" }], "same"],
  schedule: [[{ allow: "0 8 * * 1-5", duration: "9h" }], "same"],
};

const map = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  a: ${data}\n`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: main, image: "nginx:1"}]}}}
`;
const tree = memoryTree({
  "app/kustomization.yaml": "resources: [map.yaml, web.yaml]\n",
  "app/map.yaml": map("settings", `$\{WHO:=you}`),
  "app/web.yaml": deployment,
  "other/map.yaml": map("others", "b"),
  "component/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnameSuffix: -c\n",
});
const content = { tree, remotes: new Map() };
const never = new AbortController().signal;

/** A cluster that has the Secret with keys, and nothing else. */
const cluster = {
  get: async ({ name }: { readonly name: string }) =>
    name === "keys" ? { apiVersion: "v1", kind: "Secret", metadata: { name }, data: {} } : undefined,
} as Partial<Cluster> as Cluster;

function environmentWith(field: Partial<EnvironmentSpec>) {
  const { stages } = field;
  const spec = { source: { url }, ...(stages === undefined ? { path: "./app" } : {}), ...field };
  return readEnvironment({ metadata: { name: "production", namespace: "mooring-system" }, spec });
}

describe("the one way from an Environment to its objects", () => {
  // As the agent has it: one renderer, which remembers what it built.
  const remembering = createStageRenderer();

  async function digestOf(field: Partial<EnvironmentSpec>, render = createStageRenderer()): Promise<string> {
    const environment = environmentWith(field);
    const { sops } = await openingOf(cluster, environment, { unsealSealed: async (manifests) => manifests }, never);
    const tools = { render, variables: clusterVariables(cluster), sops };
    return contentDigest(await desiredStages(environment, content, tools, never));
  }

  test("every field of the spec is in the table below", () => {
    expect(Object.keys(fields).sort()).toEqual(Object.keys(EnvironmentSpec.properties).sort());
  });

  test.each(Object.entries(fields))(
    "with %s, a preview comes to what the agent comes to",
    async (name, [value, makes]) => {
      const field = { [name]: value };
      const digest = await digestOf(field);
      expect(await digestOf(field, remembering)).toBe(digest);
      expect(digest === (await digestOf({}))).toBe(makes === "same");
      const environment = environmentWith(field);
      const offline = { render: createStageRenderer(), variables: inlineVariables, sops: undefined };
      const trees = { before: undefined, after: tree, remotes: new Map() };
      const { manifests } = await planTrees(environment, trees, offline, never);
      const tools = { render: remembering, variables: clusterVariables(cluster), sops: undefined };
      const [stage] = await desiredStages(environment, content, tools, never);
      expect(manifests.map((manifest) => manifest.digest)).toEqual(stage?.manifests.map((manifest) => manifest.digest));
    },
  );
});

import { describe, expect, test } from "vitest";
import { describeProblem } from "../../model/failure.ts";
import { valueAt } from "../../model/json/json.ts";
import { migrateFlux } from "./migrate.ts";

const repository = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: apps}
spec:
  interval: 2m
  url: ssh://git@git.example.com/acme/fleet.git
  ref: {branch: production}
  secretRef: {name: fleet-key}
`;

const kustomization = (spec: string, metadata = "{name: shop, namespace: apps}") => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: ${metadata}
spec:
  sourceRef: {kind: GitRepository, name: fleet}
  prune: true
${spec.replace(/^/gm, "  ")}
`;

const migrate = (...texts: readonly string[]) => {
  const { environments, report } = migrateFlux([{ path: "flux.yaml", text: texts.join("---\n") }]);
  return { environments, report: report.map(describeProblem) };
};
const specOf = (spec: string) => migrate(repository, kustomization(spec)).environments[0]?.spec;
const reportOf = (spec: string) => migrate(repository, kustomization(spec)).report;

test("a Kustomization and its GitRepository become an Environment of the same name", () => {
  const spec = `path: ./overlays/production
interval: 10m
retryInterval: 1m
timeout: 3m
wait: true
dependsOn: [{name: infrastructure}]
healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: web, namespace: shop}]
decryption: {provider: sops, secretRef: {name: age}}
postBuild:
  substitute: {REGION: eu}
  substituteFrom: [{kind: ConfigMap, name: vars, optional: true}]
targetNamespace: shop
serviceAccountName: deployer
kubeConfig: {secretRef: {name: other-cluster}}
patches: [{patch: "[]", target: {kind: Deployment}}]
images: [{name: web, newTag: "1.2"}]
components: [../components/tls]
namePrefix: a-
commonMetadata: {labels: {team: shop}}
deletionPolicy: Orphan
force: true
suspend: true`;
  const { environments, report } = migrate(kustomization(spec), repository);
  expect(environments).toEqual([
    {
      apiVersion: "mooring.dev/v1alpha1",
      kind: "Environment",
      metadata: { name: "shop", namespace: "apps" },
      spec: {
        source: {
          url: "ssh://git@git.example.com/acme/fleet.git",
          ref: { branch: "production" },
          secretRef: { name: "fleet-key" },
        },
        path: "./overlays/production",
        interval: "2m",
        retryInterval: "1m",
        timeout: "3m",
        prune: true,
        suspend: true,
        dependsOn: [{ name: "infrastructure" }],
        healthChecks: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", namespace: "shop" }],
        decryption: { secretRef: { name: "age" } },
        postBuild: {
          substitute: { REGION: "eu" },
          substituteFrom: [{ kind: "ConfigMap", name: "vars", optional: true }],
        },
        targetNamespace: "shop",
        serviceAccountName: "deployer",
        kubeConfig: { secretRef: { name: "other-cluster" } },
        patches: [{ patch: "[]", target: { kind: "Deployment" } }],
        images: [{ name: "web", newTag: "1.2" }],
        components: ["../components/tls"],
        namePrefix: "a-",
        commonMetadata: { labels: { team: "shop" } },
        deletionPolicy: "Orphan",
        force: true,
      },
    },
  ]);
  expect(report).toEqual([
    "flux.yaml: Kustomization/apps/shop: spec.postBuild: a variable without a value and a default fails the render; with Flux it becomes empty",
  ]);
});

describe("what a field becomes", () => {
  test("the patches of v1beta2", () => {
    const spec = `patchesStrategicMerge: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: c}}]
patchesJson6902: [{target: {kind: Service}, patch: [{op: remove, path: /spec/type}]}]`;
    expect(valueAt(specOf(spec), "patches")).toEqual([
      { patch: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  b: c\n" },
      { target: { kind: "Service" }, patch: "- op: remove\n  path: /spec/type\n" },
    ]);
  });

  test.each([
    [
      "{branch: main, commit: 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567}",
      { commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567" },
    ],
    ["{tag: v1, semver: 1.x}", { semver: "1.x" }],
    ["{name: refs/pull/7/head}", { name: "refs/pull/7/head" }],
    ["{}", { branch: "master" }],
  ])("the reference %s", (ref, wanted) => {
    const source = repository.replace("{branch: production}", ref);
    expect(migrate(source, kustomization("")).environments[0]?.spec).toMatchObject({ source: { ref: wanted } });
  });

  test.each([
    ["HEAD", "head"],
    ["head", "head"],
    ["Tag", "tag"],
    ["TagAndHEAD", "tagAndHead"],
  ])("the verification %s", (mode, wanted) => {
    const source = `${repository}  verify: {mode: ${mode}, secretRef: {name: signers}}\n`;
    const verify = { mode: wanted, secretRef: { name: "signers" } };
    expect(migrate(source, kustomization("")).environments[0]?.spec).toMatchObject({ source: { verify } });
  });
});

describe("the report", () => {
  test.each([
    [
      "dependsOn: [{name: a, namespace: elsewhere}]",
      "spec.dependsOn.namespace: elsewhere/a is in another namespace, which has no equivalent",
    ],
    [
      "decryption: {provider: sops}",
      "spec.decryption: without a Secret of keys nothing can be opened: keys of a cloud have no equivalent",
    ],
    [
      "kubeConfig: {secretRef: {name: a, key: config}}",
      "spec.kubeConfig.secretRef.key: the kubeconfig is read from the key value, not config",
    ],
    [
      "kubeConfig: {configMapRef: {name: a}}",
      "spec.kubeConfig.configMapRef: has no equivalent: put a kubeconfig into a Secret",
    ],
    ["ignoreMissingComponents: true", "spec.ignoreMissingComponents: has no equivalent"],
    ["timeout: soon", "spec.timeout: cannot be kept as it is: "],
  ])("of %s", (spec, wanted) => {
    const report = reportOf(spec);
    expect(report).toHaveLength(1);
    expect(report[0]).toContain(`flux.yaml: Kustomization/apps/shop: ${wanted}`);
  });

  test.each([
    ["  include: [{repository: {name: other}}]", "GitRepository/apps/fleet: spec.include: has no equivalent"],
    [
      "  provider: azure",
      "GitRepository/apps/fleet: spec.provider: azure has no equivalent (use a token or a deploy key)",
    ],
  ])("of a source with %s", (field, wanted) => {
    expect(migrate(`${repository}${field}\n`, kustomization("")).report).toEqual([`flux.yaml: ${wanted}`]);
  });

  test("says where the Secret of a source in another namespace has to be", () => {
    const elsewhere = repository.replace("namespace: apps", "namespace: flux-system");
    const reference = kustomization("").replace("name: fleet}", "name: fleet, namespace: flux-system}");
    const { environments, report } = migrate(elsewhere, reference);
    expect(environments).toHaveLength(1);
    expect(report.join()).toContain("have to be in the Environment's namespace: copy them from flux-system");
  });

  test("names what is not migrated, and what to do instead", () => {
    const helm = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: apps}\n";
    const bucket = kustomization("").replace("kind: GitRepository,", "kind: Bucket,");
    const itself = kustomization("", "{name: flux-system, namespace: flux-system}");
    const { environments, report } = migrate(helm, bucket, itself);
    expect(environments).toEqual([]);
    expect(report).toHaveLength(3);
    expect(report.join("\n")).toMatch(/Kustomization\/apps\/shop: spec.sourceRef: is a Bucket \(put what it holds/);
    expect(report.join("\n")).toMatch(/Kustomization\/flux-system\/flux-system: is Flux itself \(mooring bootstrap/);
    expect(report.join("\n")).toMatch(/HelmRelease\/apps\/redis: has no equivalent \(commit what helm template prints/);
  });

  test("passes over what is not Flux's, and says what it cannot read", () => {
    const chart = "# .fluxcd.io/\nname: {{ .Values.name }}\n  - [\n";
    const kustomize = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n# .fluxcd.io/\n";
    const { report } = migrateFlux([
      { path: "chart.yaml", text: chart },
      { path: "kustomization.yaml", text: kustomize },
    ]);
    expect(report.map(describeProblem)).toEqual([expect.stringMatching(/^chart.yaml:\d+: is not valid YAML/)]);
  });
});

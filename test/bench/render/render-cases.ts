import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Something to build: a directory, the kustomization in it, and whether kustomize takes it in a bearable time. */
export interface BenchCase {
  readonly name: string;
  readonly directory: string;
  readonly path: string;
  readonly oracle: boolean;
}

/** Writes what is made for measuring below a directory, and names it together with real environments where there are any. */
export async function benchCases(directory: string): Promise<readonly BenchCase[]> {
  const made = [
    await madeCase(directory, "1,000 Deployments, overlay", overlaid(1_000), true),
    await madeCase(directory, "5,000 objects, overlay", overlaid(5_000), false),
    await madeCase(directory, "10,000 objects, overlay", overlaid(10_000), false),
    await madeCase(directory, "5,000 objects", plain(5_000), true),
    await madeCase(directory, "2 MB of CRDs", definitions(), true),
    await madeCase(directory, "small overlay", overlaid(3), true),
  ];
  const shared = join(import.meta.dirname, "../../../../shared/environments");
  const real = [
    { name: "online-boutique", path: "online-boutique/kustomize" },
    { name: "podinfo production", path: "podinfo/deploy/overlays/production" },
  ];
  if (!existsSync(shared)) return made;
  return [...made, ...real.map((one) => ({ ...one, directory: shared, oracle: true }))];
}

type Files = Readonly<Record<string, string>>;

async function madeCase(parent: string, name: string, files: Files, oracle: boolean): Promise<BenchCase> {
  const directory = join(parent, name.replaceAll(/[^a-zA-Z0-9]+/g, "-"));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return { name, directory, path: "overlay", oracle };
}

function deployment(index: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-${index}
  labels: {app: app-${index}}
spec:
  selector:
    matchLabels: {app: app-${index}}
  template:
    metadata:
      labels: {app: app-${index}}
    spec:
      containers:
      - name: main
        image: nginx:1.25
        ports:
        - containerPort: 8080
        env:
        - name: GREETING
          value: "hello from number ${index}"
        envFrom:
        - configMapRef: {name: shared}
        resources:
          limits: {cpu: 100m, memory: 128Mi}
      volumes:
      - name: settings
        configMap: {name: shared}
`;
}

const list = (length: number, of: (index: number) => string): string =>
  Array.from({ length }, (_, i) => of(i)).join("---\n");

/** Deployments, and an overlay of prefix, namespace, label, image, replicas and a JSON patch of all. */
function overlaid(count: number): Files {
  return {
    "base/all.yaml": list(count, deployment),
    "base/kustomization.yaml": "resources: [all.yaml]\nconfigMapGenerator:\n- name: shared\n  literals: [a=b]\n",
    "overlay/kustomization.yaml": `resources: [../base]
namePrefix: production-
namespace: shop
labels:
- pairs: {team: checkout}
  includeSelectors: true
images:
- name: nginx
  newTag: "1.27"
replicas:
- name: app-0
  count: 3
patches:
- target: {kind: Deployment}
  patch: |-
    - op: add
      path: /spec/template/spec/terminationGracePeriodSeconds
      value: 30
`,
  };
}

function plain(count: number): Files {
  const object = (i: number) =>
    i % 2 === 0
      ? deployment(i)
      : `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-${i}\ndata:\n  key: value ${i}\n`;
  return { "overlay/all.yaml": list(count, object), "overlay/kustomization.yaml": "resources: [all.yaml]\n" };
}

/** Two megabytes of definitions with long descriptions and deep schemas, as operators bring them. */
function definitions(): Files {
  const property = (indent: string, name: string) =>
    `${indent}${name}:\n${indent}  description: What ${name} is for, said at some length so that it is folded when it is printed again.\n${indent}  type: string\n`;
  const properties = Array.from({ length: 900 }, (_, i) => property("              ", `field${i}`)).join("");
  const definition = (i: number) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets${i}.example.com
spec:
  group: example.com
  names: {kind: Widget${i}, plural: widgets${i}}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
${properties}`;
  return {
    "overlay/crds.yaml": list(13, definition),
    "overlay/kustomization.yaml": "resources: [crds.yaml]\nnamespace: shop\n",
  };
}

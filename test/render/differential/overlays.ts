import fc from "fast-check";
import { kustomizationFields } from "./fields.ts";
import { names, objects } from "./objects.ts";

/** The files of a random environment: a base, perhaps a component, and an overlay, in `overlay/`, that uses them. */
export type Environment = Readonly<Record<string, string>>;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What every base has, so that vars and replicas have something to refer to. */
const constantObjects = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: default-account
  annotations:
    version: 1.10
    number: 0x1F
    nothing:
    yes: yes
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: steady
spec:
  template:
    spec:
      containers:
      - {name: main, image: nginx, args: [$(VAR), "a $(VAR) b", $$(VAR)], envFrom: [{secretRef: {name: made}}, {configMapRef: {name: made-too}}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: steady, labels: {l0: x, app: steady}}
data: {a: x, b: "1"}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: steady}
spec: {size: 3, list: [a, b], nested: {a: {b: 1, c: null}, d: }}
---
apiVersion: v1
kind: Service
metadata: {name: steady}
spec: {ports: [{port: 80}], selector: {app: x}}
---
apiVersion: v1
kind: Secret
metadata: {name: steady}
data: {a: YQ==}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: steady}
spec:
  serviceName: steady
  template: {spec: {containers: [{name: main, image: redis, ports: [{containerPort: 8080}]}, {name: side, image: busybox}]}}
`;

/** Fields for the transformers to work on, right and wrong ones. */
const configurations = fc.constantFrom(
  "commonLabels: [{path: spec/labels, kind: Widget, create: true}]\nnamePrefix: [{path: spec/nested/a, kind: Widget}]\n",
  "commonAnnotations: [{path: spec/notes, kind: Widget, create: true}]\n",
  "nameReference: [{kind: ConfigMap, fieldSpecs: [{path: spec/list, kind: Widget}]}]\n",
  "commonLabels: [{path: spec/*/labels, kind: Widget, create: true}]\n",
  "images: [{path: spec/list/0, kind: Widget}]\n",
  "varReference: [{path: data, kind: ConfigMap}, {path: spec/list, kind: Widget}]\n",
  "images: [{path: spec/images, kind: Widget}]\nreplicas: [{path: spec/size, kind: Widget}]\n",
);

/**
 * Random environments of small bases and overlays, written as JSON (which is YAML), apart from scalars that are written
 * as YAML has them. Many build; some do not, and kustomize refuses the same ones.
 */
export const environments: fc.Arbitrary<Environment> = fc
  .record({
    resources: objects(names),
    extra: fc.option(objects(fc.constantFrom("late", "later", "last", "lost")), { nil: undefined }),
    base: kustomizationFields,
    overlay: kustomizationFields,
    component: fc.option(kustomizationFields, { nil: undefined }),
    config: configurations,
  })
  .map(({ resources: some, extra, base, overlay, component, config }) => ({
    "base/config.yaml": config,
    "overlay/config.yaml": config,
    ...(component === undefined ? {} : { "component/config.yaml": config }),
    "base/resources.yaml": `${some}---\n${constantObjects}`,
    "base/env.properties": "A=1\nB=two words\n# comment\nC\n",
    "base/kustomization.yaml": json({ resources: ["resources.yaml"], ...base }),
    "overlay/env.properties": "A=9\nD=x=y\n",
    "overlay/kustomization.yaml": json({
      resources: ["../base", ...(extra === undefined ? [] : ["extra.yaml"])],
      ...(component === undefined ? {} : { components: ["../component"] }),
      ...overlay,
    }),
    ...(extra === undefined ? {} : { "overlay/extra.yaml": extra }),
    ...(component === undefined
      ? {}
      : {
          "component/env.properties": "Z=1\n",
          "component/kustomization.yaml": json({
            apiVersion: "kustomize.config.k8s.io/v1alpha1",
            kind: "Component",
            ...component,
          }),
        }),
  }));

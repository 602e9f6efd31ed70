import type { Environment } from "./overlays.ts";

/** Small environments, by what is told in them, on which we and the real kustomize once disagreed. */
export const differences: Readonly<Record<string, Environment>> = {
  "annotations that are points in time stay as they are written": {
    "overlay/kustomization.yaml": "resources: [objects.yaml]\n",
    "overlay/objects.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: written
  annotations:
    date: 2001-01-01
    time: 2001-01-01 10:00:00
    quoted: "2001-01-01"
data:
  date: 2001-01-01
`,
  },
  "an image is named by a regular expression": {
    "overlay/kustomization.yaml":
      'resources: [objects.yaml]\nimages: [{name: "fo.*", newTag: v2}, {name: "[.+*?]x|b[a-z.+_-]r", newTag: v3}]\n',
    "overlay/objects.yaml": `apiVersion: v1
kind: Pod
metadata:
  name: images
spec:
  containers:
  - image: foo
  - image: food:v1
  - image: bar@sha256:1
  - image: other
`,
  },
  "a number that is patched over a text in quotes is a text": {
    "overlay/kustomization.yaml": `resources: [objects.yaml]
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: quoted}
    spec:
      template:
        spec:
          containers:
          - name: main
            image: 1.10
            env: [{name: QUOTED, value: 90}, {name: PLAIN, value: 90}, {name: BLOCK, value: true}, {name: NEW, value: "90"}]
`,
    "overlay/objects.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: quoted}
spec:
  template:
    spec:
      containers:
      - name: main
        image: 'app:1'
        env:
        - {name: QUOTED, value: "80"}
        - {name: PLAIN, value: eighty}
        - name: BLOCK
          value: |-
            eighty
`,
  },
  "a patch takes annotations and labels away by null, unless it has a target": {
    "overlay/kustomization.yaml": `resources: [objects.yaml]
patches:
- path: patch.yaml
- path: patch.yaml
  target: {name: targeted}
`,
    "overlay/patch.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: named
  labels: {gone: null}
  annotations: {gone: null, going: ~, new: null, number: 5}
`,
    "overlay/objects.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: named, labels: {gone: x, stays: x}, annotations: {gone: x, going: x, stays: x}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: targeted, labels: {gone: x, stays: x}, annotations: {gone: x, going: x, stays: x}}
`,
  },
  "a number is copied and merged as it is written": {
    "overlay/kustomization.yaml": `resources: [objects.yaml]
configMapGenerator:
- {name: written, behavior: merge, literals: [more=1]}
replacements:
- source: {kind: Widget, fieldPath: spec.version}
  targets:
  - {select: {kind: Pod}, fieldPaths: [spec.containers.0.image], options: {delimiter: ":", index: 1}}
  - {select: {kind: Pod}, fieldPaths: [metadata.labels.version]}
- source: {kind: Widget, fieldPath: spec.list.1}
  targets: [{select: {kind: Pod}, fieldPaths: [metadata.annotations.mode], options: {create: true}}]
`,
    "overlay/objects.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: written}
data: {version: 1.10, mode: 0x1F, date: 2001-01-01, bool: True, octal: 017}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: written}
spec: {version: 1.10, list: [1, 0o17]}
---
apiVersion: v1
kind: Pod
metadata: {name: written, labels: {version: x}}
spec: {containers: [{name: main, image: "app:1"}]}
`,
  },
  "an image without quotes that looks like a number is one": {
    "overlay/kustomization.yaml": 'resources: [objects.yaml]\nimages: [{name: app, newName: "7.10"}]\n',
    "overlay/objects.yaml": `apiVersion: v1
kind: Pod
metadata: {name: images}
spec:
  containers:
  - {name: plain, image: app}
  - {name: quoted, image: "app"}
`,
  },
  "replicas in quotes stay in quotes": {
    "overlay/kustomization.yaml": "resources: [objects.yaml]\nreplicas: [{name: quoted, count: 0}]\n",
    "overlay/objects.yaml": `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: quoted
spec:
  replicas: "3"
`,
  },
  "a patch that begins with a bracket is JSON": {
    "overlay/kustomization.yaml": `resources: [objects.yaml]
patches: [{target: {kind: ConfigMap}, patch: "[{op: add, path: /data, value: {}}]"}]
`,
    "overlay/objects.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: patched}\n",
  },
  "large integers of a JSON patch are what JSON makes of them": {
    "overlay/kustomization.yaml": `resources: [objects.yaml]
patches:
- target: {kind: ConfigMap}
  patch: |-
    - {op: add, path: /large, value: 12345678901234567}
    - {op: add, path: /largest, value: [{at: 9223372036854775807}]}
    - {op: add, path: /small, value: 12345}
`,
    "overlay/objects.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: patched}\n",
  },
};

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

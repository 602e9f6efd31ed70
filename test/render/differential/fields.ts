import fc from "fast-check";
import { names, namespaces, scalars } from "./objects.ts";

const kinds = fc.constantFrom("Deployment", "Service", "ConfigMap", ".*", "Deployment|StatefulSet", "Widget");
const labelValues = fc.constantFrom("x", "yes", "1", "a b", null);
const pairs = fc.dictionary(fc.constantFrom("app", "team", "example.com/part"), labelValues, {
  minKeys: 1,
  maxKeys: 2,
});

const target = fc.record(
  {
    kind: kinds,
    name: fc.constantFrom("web", "api", "w.*", "(web|api)"),
    namespace: namespaces,
    labelSelector: fc.constantFrom("app", "app=web", "l0 in (x, y)", "!team", "app!=web"),
  },
  { requiredKeys: ["kind"] },
);

const operation = fc.oneof(
  fc.record({ op: fc.constant("add"), path: fc.constant("/metadata/annotations"), value: fc.constant({ a: "b" }) }),
  fc.record({
    op: fc.constant("add"),
    path: fc.constantFrom("/spec/extra", "/data"),
    value: fc.constant({ z: [1, null] }),
  }),
  fc.record({ op: fc.constant("replace"), path: fc.constantFrom("/spec/replicas", "/kind"), value: fc.constant(5) }),
  fc.record({ op: fc.constant("remove"), path: fc.constantFrom("/metadata/labels", "/spec/template/spec/volumes/0") }),
  fc.record({
    op: fc.constant("add"),
    path: fc.constant("/spec/template/spec/containers/-"),
    value: fc.constant({ name: "added", image: "nginx:2" }),
  }),
);

const podPatch = fc.constantFrom<Readonly<Record<string, unknown>>>(
  { containers: [{ name: "main", image: "patched" }] },
  { containers: [{ name: "new", image: "nginx" }] },
  { containers: [{ name: "side", $patch: "delete" }] },
  { containers: [{ name: "main", $patch: "replace", image: "only" }] },
  { containers: [{ $patch: "replace" }, { name: "sole", image: "busybox" }] },
  {
    containers: [
      {
        name: "main",
        env: [
          { name: "VALUE", value: "patched" },
          { name: "NEW", value: "1" },
        ],
      },
    ],
  },
  { containers: [{ name: "main", ports: [{ containerPort: 8080, name: "http" }] }] },
  { containers: [{ name: "main", ports: [{ containerPort: 8080, protocol: "UDP" }, { containerPort: 1 }] }] },
  { volumes: [{ name: "v", emptyDir: {} }], serviceAccountName: null },
  { volumes: [{ name: "w", secret: { secretName: "key" } }] },
  { tolerations: [{ key: "a", operator: "Exists" }] },
);

const strategic = (patched: fc.Arbitrary<string>) =>
  fc.oneof(
    fc
      .record({ kind: fc.constantFrom("Deployment", "StatefulSet"), name: patched, pod: podPatch })
      .map(({ kind, name, pod }) => ({
        apiVersion: "apps/v1",
        kind,
        metadata: { name, annotations: { patched: "yes" } },
        spec: { template: { spec: pod } },
      })),
    fc
      .record({
        name: patched,
        labels: fc.constantFrom({ app: null }, { team: "patched" }, {}),
        annotations: fc.constantFrom(undefined, { note: null, patched: "yes" }, { team: null, "example.com/part": 1 }),
      })
      .map(({ name, labels, annotations }) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name, labels, annotations },
        data: { a: null, c: "new" },
      })),
    patched.map((name) => ({ apiVersion: "v1", kind: "Service", metadata: { name }, $patch: "delete" })),
    patched.map((name) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { ports: [{ port: 80, name: "http" }, { port: 443 }], selector: { app: null, more: "x" } },
    })),
    patched.map((name) => ({
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name },
      spec: { list: ["only"], nested: { a: { c: 1 } } },
    })),
  );

/** Patches of single values as people write them: with quotes and without, over values with quotes and without. */
const scalarPatch = (patched: fc.Arbitrary<string>) =>
  fc.record({ name: patched, value: scalars, other: scalars }).chain(({ name, value, other }) =>
    fc.constantFrom(
      `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data:
  a: ${value}
  d: ${other}
`,
      `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    l0: ${other}
spec:
  template:
    spec:
      containers:
      - name: main
        image: ${value}
        env:
        - name: VALUE
          value: ${other}
`,
      `apiVersion: example.com/v1
kind: Widget
metadata:
  name: ${name}
  annotations:
    a: ${value}
spec:
  size: ${value}
  word: ${other}
  list:
  - 1.10
  - ${value}
  nested: {a: {b: null, c: ${other}}, d: [${value}, ${other}]}
`,
      `apiVersion: v1
kind: ServiceAccount
metadata:
  name: default-account
  labels: {l0: ${value}, l1: null}
  annotations:
    version: null
    number: ${other}
    nothing: ~
    new: null
    blank:
`,
      `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, annotations: {gone: null}}
spec:
  replicas: ${value}
  strategy: {rollingUpdate: null, type: Recreate}
  template:
    metadata: {annotations: {date: ${other}, gone: null}, labels: {app: null}}
    spec: {nodeSelector: {a: ${value}}, containers: [{name: main, command: [${value}, ${other}], resources: {limits: {cpu: ${value}}}}]}
`,
    ),
  );

const operations = fc.array(operation, { minLength: 1, maxLength: 2 });

/** Operations as people write them: YAML without quotes, which is YAML 1.1 here. */
const plainOperations = fc
  .record({ value: scalars, other: scalars, op: fc.constantFrom("add", "replace") })
  .chain(({ value, other, op }) =>
    fc.constantFrom(
      `- {op: ${op}, path: /metadata/annotations/note, value: ${value}}\n- {op: add, path: /metadata/annotations/on, value: ${other}}`,
      `- op: add\n  path: /spec/added\n  value: {on: ${value}, off: [${other}]}`,
      `- op: add\n  path: /data/folded\n  value: >\n    one\n     two\n    three\n- {op: test, path: /metadata/annotations/note, value: ${value}}`,
      "- {op: remove, path: /metadata/annotations}\n- {op: add, path: /metadata/annotations/x, value: 1234567}",
      `- {op: copy, from: /metadata/annotations/note, path: /metadata/annotations/copied}`,
      "[]",
    ),
  );
const asJson = (value: unknown): string => JSON.stringify(value);

// Mostly with a target: a patch that names an object seldom meets one of these few.
const patch = fc.oneof(
  { arbitrary: fc.record({ patch: strategic(names).map(asJson) }), weight: 1 },
  { arbitrary: fc.record({ patch: strategic(fc.constant("steady")).map(asJson) }), weight: 4 },
  { arbitrary: fc.record({ patch: strategic(names).map(asJson), target }), weight: 8 },
  { arbitrary: fc.record({ patch: scalarPatch(fc.constant("steady")) }), weight: 4 },
  { arbitrary: fc.record({ patch: scalarPatch(names), target }), weight: 4 },
  { arbitrary: fc.record({ patch: operations.map(asJson), target: fc.constant({ kind: "Widget" }) }), weight: 1 },
  { arbitrary: fc.record({ patch: operations.map(asJson), target }), weight: 1 },
  { arbitrary: fc.record({ patch: plainOperations, target }), weight: 2 },
);

/** Mostly names that no object of a file has: two of one name are refused, and nothing more is learned of them. */
const generatedNames = fc.oneof(
  { arbitrary: fc.constantFrom("made", "made-too", "made-also"), weight: 20 },
  { arbitrary: names, weight: 1 },
);

const generator = fc
  .oneof(
    { arbitrary: fc.record({ name: generatedNames, behavior: fc.constantFrom("create", undefined) }), weight: 9 },
    { arbitrary: fc.record({ name: fc.constant("steady"), behavior: fc.constantFrom("merge", "replace") }), weight: 3 },
    { arbitrary: fc.record({ name: names, behavior: fc.constantFrom("merge", "replace") }), weight: 1 },
  )
  .chain((named) =>
    fc
      .record(
        {
          literals: fc.subarray(["a=1", "b='quoted'", "c=<html>&", "d=x=y", 'e="'], { minLength: 1 }),
          envs: fc.constant(["env.properties"]),
          options: fc.record(
            {
              disableNameSuffixHash: fc.boolean(),
              immutable: fc.boolean(),
              labels: pairs,
              annotations: fc.constant({ note: "true" }),
            },
            { requiredKeys: [] },
          ),
        },
        { requiredKeys: ["literals"] },
      )
      .map((rest) => ({ ...named, ...rest })),
  );

const source = fc.oneof(
  fc.record({ sourceValue: fc.constantFrom("8080", "text", "true", "1.10", "a:b") }),
  fc.record({
    source: fc.record(
      {
        kind: fc.constantFrom("Deployment", "ConfigMap", "Widget", "Service"),
        name: names,
        fieldPath: fc.constantFrom(
          "metadata.name",
          "spec.size",
          "spec.list.0",
          "data.a",
          "metadata.annotations",
          "metadata.annotations.note",
          "spec.nested",
          "spec.template.spec.containers.0.image",
        ),
      },
      { requiredKeys: ["kind"] },
    ),
  }),
);

const targets = fc.record({
  targets: fc.array(
    fc.record(
      {
        select: fc.record({ kind: kinds }),
        fieldPaths: fc.array(
          fc.constantFrom(
            "metadata.annotations.copied",
            "spec.replicas",
            "spec.template.spec.containers.[name=main].image",
            "spec.template.spec.containers.*.image",
            "spec.list.0",
            "data.a",
            "data.text.a",
            "data.text.b.0",
            "data.text.new.field",
            "data.json.b.0",
            "metadata.annotations.note",
            "metadata.annotations",
          ),
          { minLength: 1, maxLength: 2 },
        ),
        // Not both: what one target creates and another splits again has no type of its own in kustomize.
        options: fc.oneof(
          fc.record({ create: fc.boolean() }),
          fc.record({ delimiter: fc.constantFrom(":", "/"), index: fc.integer({ min: -1, max: 2 }) }),
        ),
      },
      { requiredKeys: ["select", "fieldPaths"] },
    ),
    { minLength: 1, maxLength: 2 },
  ),
});

const replacement = fc.tuple(source, targets).map(([from, to]) => ({ ...from, ...to }));

const fields = {
  namePrefix: fc.constantFrom("p-", "a", "x-y-"),
  nameSuffix: fc.constantFrom("-s", "-v2"),
  namespace: namespaces,
  commonLabels: pairs,
  labels: fc.array(
    fc.record(
      {
        pairs,
        includeSelectors: fc.boolean(),
        includeTemplates: fc.boolean(),
        includeVolumeClaimTemplates: fc.boolean(),
      },
      { requiredKeys: ["pairs"] },
    ),
    { minLength: 1, maxLength: 2 },
  ),
  commonAnnotations: pairs,
  images: fc.array(
    fc.record(
      {
        name: fc.constantFrom("nginx", "redis", "example.com:5000/team/app", "ngin.", "busybox"),
        newName: fc.constantFrom("mirror.example/nginx", "other"),
        newTag: fc.constantFrom("v2", "1.0"),
        digest: fc.constant("sha256:def"),
        tagSuffix: fc.constant("-alpine"),
      },
      { requiredKeys: ["name"] },
    ),
    { minLength: 1, maxLength: 2 },
  ),
  replicas: fc.array(
    fc.record({
      name: fc.oneof({ weight: 15, arbitrary: fc.constant("steady") }, { weight: 1, arbitrary: fc.constant("web") }),
      count: fc.integer({ min: 0, max: 9 }),
    }),
    {
      minLength: 1,
      maxLength: 1,
    },
  ),
  configMapGenerator: fc.uniqueArray(generator, { selector: ({ name }) => name, minLength: 1, maxLength: 2 }),
  secretGenerator: fc.array(generator, { minLength: 1, maxLength: 1 }),
  generatorOptions: fc.record(
    { disableNameSuffixHash: fc.boolean(), labels: pairs },
    { requiredKeys: ["disableNameSuffixHash"] },
  ),
  patches: fc.array(patch, { minLength: 1, maxLength: 2 }),
  patchesStrategicMerge: fc.array(strategic(fc.constant("steady")).map(asJson), { minLength: 1, maxLength: 1 }),
  replacements: fc.array(replacement, { minLength: 1, maxLength: 1 }),
  configurations: fc.constant(["config.yaml"]),
  sortOptions: fc.constantFrom({ order: "fifo" }, { order: "legacy" }),
  buildMetadata: fc.subarray(["originAnnotations", "transformerAnnotations", "managedByLabel"], { minLength: 1 }),
  vars: fc.constant([{ name: "VAR", objref: { apiVersion: "v1", kind: "ServiceAccount", name: "default-account" } }]),
};

const fieldNames = Object.keys(fields);

/** The fields of a random kustomization, apart from what it is made of. */
export const kustomizationFields: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .subarray(fieldNames, { minLength: 1, maxLength: 4 })
  .chain((chosen) => fc.record(Object.fromEntries(Object.entries(fields).filter(([name]) => chosen.includes(name)))));

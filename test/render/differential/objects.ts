import fc from "fast-check";

/** Few names, so that objects refer to, patch and collide with each other. */
export const names = fc.constantFrom("web", "api", "cfg", "key", "job");
export const namespaces = fc.constantFrom("default", "shop", "other");
const images = fc.constantFrom("nginx", "nginx:1.25", "example.com:5000/team/app:v1", "redis@sha256:abc", "busybox:1");

/** Scalars that YAML 1.1, YAML 1.2 and Go read in different ways, as they are written. */
export const scalars = fc.constantFrom(
  ...[
    "plain",
    '"quoted"',
    "'8080'",
    "8080",
    "0x1F",
    "017",
    "0o17",
    "1.10",
    "1e3",
    "yes",
    "no",
    "on",
    "~",
    "null",
    '""',
  ],
  ...["true", '"true"', ".5", "1_000", "2001-01-01", '"a: b"', '"#hash"', '"- dash"', "a b c", "12345678901234567890"],
  ...['"line one\\nline two\\n"', '"trailing space "', "=", "'@at'", "-1", "+1", "1:30", "0.1"],
  `"${"long words in a row ".repeat(8)}"`,
);

/** What stands in the place of annotations, and what people mean to write there. */
const annotations = fc.oneof(
  fc.constantFrom("", "\n  annotations:", "\n  annotations: text", "\n  annotations: {}", "\n  annotations: 5"),
  scalars.map((value) => `\n  annotations:\n    note: ${value}\n    blank:\n    gone: null`),
  scalars.map((value) => `\n  annotations: {note: ${value}, other: x}`),
  scalars.map((value) => `\n  annotations:\n    note: ${value}\n    nested: {a: b}\n    blank:\n    gone: null`),
  fc.constant("\n  annotations:\n    folded: >\n      one\n       two\n      three"),
);

interface Meta {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: readonly string[];
  readonly annotations: string;
}

const metadata = ({ name, namespace, labels, annotations: noted }: Meta): string =>
  [
    "metadata:",
    `  name: ${name}`,
    ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
    ...(labels.length === 0
      ? []
      : ["  labels:", `    app: ${name}`, ...labels.map((label, i) => `    l${i}: "${label}"`)]),
  ].join("\n") + noted;

const pod = fc
  .record({
    image: images,
    second: fc.option(images, { nil: undefined }),
    map: names,
    secret: names,
    ports: fc.array(fc.constantFrom("80", "8080", "9090"), { maxLength: 2 }),
    protocol: fc.option(fc.constantFrom("TCP", "UDP"), { nil: undefined }),
    account: fc.option(names, { nil: undefined }),
    value: scalars,
  })
  .map(({ image, second, map, secret, ports, protocol, account, value }) =>
    [
      ...(account === undefined ? [] : [`serviceAccountName: ${account}`]),
      "containers:",
      "- name: main",
      `  image: ${image}`,
      "  args: [--a, $(VAR)]",
      "  env:",
      "  - name: FROM",
      `    valueFrom: {configMapKeyRef: {name: ${map}, key: a}}`,
      "  - name: VALUE",
      `    value: ${value}`,
      "  envFrom:",
      `  - secretRef: {name: ${secret}}`,
      ...(ports.length === 0 ? [] : ["  ports:"]),
      ...ports.flatMap((port) => [
        `  - containerPort: ${port}`,
        ...(protocol === undefined ? [] : [`    protocol: ${protocol}`]),
      ]),
      ...(second === undefined ? [] : ["- name: side", `  image: ${second}`]),
      "volumes:",
      "- name: v",
      `  configMap: {name: ${map}}`,
    ].join("\n"),
  );

const indent = (text: string, by: number): string => text.replace(/^/gm, " ".repeat(by));

const bodies = fc.oneof(
  pod.map((spec) => ({
    type: "apiVersion: apps/v1\nkind: Deployment",
    body: `spec:\n  replicas: 1\n  selector: {matchLabels: {app: x}}\n  template:\n    metadata: {labels: {app: x}}\n    spec:\n${indent(spec, 6)}`,
  })),
  pod.map((spec) => ({
    type: "apiVersion: apps/v1\nkind: StatefulSet",
    body: `spec:\n  serviceName: web\n  template:\n    spec:\n${indent(spec, 6)}\n  volumeClaimTemplates:\n  - metadata: {name: data}`,
  })),
  pod.map((spec) => ({
    type: "apiVersion: batch/v1\nkind: CronJob",
    body: `spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n${indent(spec, 10)}`,
  })),
  fc.constant({
    type: "apiVersion: v1\nkind: Service",
    body: "spec:\n  ports:\n  - port: 80\n  selector:\n    app: x",
  }),
  scalars.map((value) => ({ type: "apiVersion: v1\nkind: ConfigMap", body: `data:\n  a: ${value}\n  b: x` })),
  scalars.map((value) => ({
    type: "apiVersion: v1\nkind: ConfigMap",
    body: `data:\n  a: >\n    one\n     two\n    three\n  b: >+\n    keep\n\n  text: |\n    # above\n    a: ${value} # beside\n    b: [x, &y z]\n    c: *y\n    # end\n  json: '{"a": 1, "b": ["x"]}'`,
  })),
  fc.constant({ type: "apiVersion: v1\nkind: Secret", body: "data:\n  a: YQ==\nstringData:\n  b: plain" }),
  fc.constant({ type: "apiVersion: v1\nkind: ServiceAccount", body: "imagePullSecrets:\n- name: key" }),
  fc.constant({ type: "apiVersion: v1\nkind: Namespace", body: "spec: {}" }),
  names.map((name) => ({
    type: "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding",
    body: `roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name}}\nsubjects:\n- {kind: ServiceAccount, name: ${name}}\n- {kind: ServiceAccount, name: default, namespace: default}`,
  })),
  names.map((name) => ({
    type: "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role",
    body: `rules:\n- resources: [secrets]\n  resourceNames: [${name}]`,
  })),
  names.map((name) => ({
    type: "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler",
    body: `spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}}`,
  })),
  fc.record({ name: names, value: scalars }).map(({ name, value }) => ({
    type: "apiVersion: networking.k8s.io/v1\nkind: Ingress",
    body: `spec:\n  tls: [{hosts: [a.example], secretName: ${name}}]\n  rules:\n  - host: ${value}\n    http: {paths: [{path: /, backend: {service: {name: ${name}, port: {number: 80}}}}]}`,
  })),
  fc.array(scalars, { maxLength: 3 }).map((values) => ({
    type: "apiVersion: example.com/v1\nkind: Widget",
    body: `spec:\n  size: 3\n  list:\n${values.map((value) => `  - ${value}\n`).join("")}  nested: {a: {b: 1, c: null}, d: }\n  gone:`,
  })),
);

const object = (own: fc.Arbitrary<string>) =>
  fc
    .record({
      body: bodies,
      name: own,
      namespace: fc.option(namespaces, { nil: undefined, freq: 3 }),
      labels: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
      annotations: fc.oneof({ weight: 9, arbitrary: fc.constant("") }, { weight: 2, arbitrary: annotations }),
    })
    .map(({ body, name, namespace, labels, annotations: noted }) => ({
      key: `${body.type} ${name}`,
      text: `${body.type}\n${metadata({ name, namespace, labels, annotations: noted })}\n${body.body}\n`,
    }));

/** A file of several objects of such names, no two of the same kind and name. */
export const objects = (own: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .uniqueArray(object(own), { selector: ({ key }) => key, minLength: 3, maxLength: 9 })
    .map((list) => list.map(({ text }) => text).join("---\n"));

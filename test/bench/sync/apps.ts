import { stringify } from "yaml";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";

/** How N apps lie in one repository: a folder each, or one folder whose copies are told apart by `namePrefix`. */
export type Shape = "repo" | "single";

/** The namespace that all apps are in. */
export const namespace = "bench";

/** The name of the n-th app, from 0. */
export function appName(shape: Shape, n: number): string {
  return shape === "repo" ? `app-${n}` : `p${n}-app`;
}

/** The files of a repository of N apps. */
export function repositoryFiles(shape: Shape, count: number): Readonly<Record<string, string>> {
  if (shape === "single") return appFiles("app", "app");
  const folders = Array.from({ length: count }, (_, n) => appFiles(appName("repo", n), appName("repo", n)));
  return Object.assign({}, ...folders);
}

/** The spec of the n-th Environment, over a repository with such files. */
export function environmentSpec(shape: Shape, url: string, n: number): JsonObject {
  const common = { source: { url, ref: { branch: "main" } }, interval: "1m" };
  if (shape === "repo") return { ...common, path: `./${appName("repo", n)}` };
  return { ...common, path: "./app", namePrefix: `p${n}-` };
}

/** The objects of one app. */
export function appObjects(name: string, where: string): readonly KubeObject[] {
  const metadata = { name, namespace: where, labels: { app: name } };
  const selector = { app: name };
  const container = { name: "web", image: "registry.example/web:1", ports: [{ name: "http", containerPort: 8080 }] };
  const backend = { service: { name, port: { name: "http" } } };
  const host = `${name}.example`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: selector },
        template: { metadata: { labels: selector }, spec: { serviceAccountName: name, containers: [container] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata,
      spec: { rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
    },
  ];
}

function appFiles(folder: string, name: string): Readonly<Record<string, string>> {
  const objects = appObjects(name, namespace);
  const files = objects.map((object) => [`${object.kind.toLowerCase()}.yaml`, stringify(object)] as const);
  const kustomization = { kind: "Kustomization", resources: files.map(([file]) => file) };
  return Object.fromEntries(
    [...files, ["kustomization.yaml", stringify(kustomization)] as const].map(([file, text]) => [
      `${folder}/${file}`,
      text,
    ]),
  );
}

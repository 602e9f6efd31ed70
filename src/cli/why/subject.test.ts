import { expect, test } from "vitest";
import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { findSubject, parseSubject } from "./subject.ts";

const kind = (group: string, version: string, name: string, more: Partial<ResourceType> = {}): ResourceType => ({
  group,
  version,
  kind: name,
  plural: `${name.toLowerCase()}s`,
  shortNames: [name.toLowerCase()],
  namespaced: true,
  verbs: ["get"],
  ...more,
});

/** In the order in which an API server prefers them. */
const served = [
  kind("", "v1", "Event", { shortNames: ["ev", "event"] }),
  kind("", "v1", "Namespace", { namespaced: false, shortNames: ["ns", "namespace"] }),
  kind("apps", "v1", "Deployment", { shortNames: ["deploy", "deployment"] }),
  kind("events.k8s.io", "v1", "Event", { shortNames: ["ev", "event"] }),
  kind("shop.example", "v2", "Deployment"),
];
const cluster = { server: "https://cluster.example", kinds: async () => served } as Partial<Cluster> as Cluster;
const { signal } = new AbortController();

test.each([
  ["production", undefined],
  ["deployment/web", { kind: "deployment", namespace: "", name: "web" }],
  ["Deployment/shop/web", { kind: "Deployment", namespace: "shop", name: "web" }],
])("%s", (text, parsed) => {
  expect(parseSubject(text)).toEqual(parsed);
});

test.each(["deployment/", "/web", "a/b/c/d", "a//b"])("%s names nothing", (text) => {
  expect(() => parseSubject(text)).toThrow("does not name an object");
});

test.each([
  ["deploy/web", "apps/v1", "Deployment", "here"],
  ["Deployments/web", "apps/v1", "Deployment", "here"],
  ["deployment.shop.example/web", "shop.example/v2", "Deployment", "here"],
  ["ev/x", "v1", "Event", "here"],
  ["event.events.k8s.io/x", "events.k8s.io/v1", "Event", "here"],
  ["Deployment/shop/web", "apps/v1", "Deployment", "shop"],
  ["ns/shop", "v1", "Namespace", ""],
])("%s is of %s %s", async (text, apiVersion, name, namespace) => {
  const parsed = parseSubject(text);
  if (parsed === undefined) throw new Error("not an object");
  const subject = await findSubject(cluster, parsed, "here", signal);
  expect(subject).toMatchObject({ apiVersion, id: { kind: name, namespace, name: parsed.name } });
});

test("a kind that is not served is said with what is near", async () => {
  const asked = findSubject(cluster, { kind: "Deploymnt", namespace: "", name: "web" }, "here", signal);
  await expect(asked).rejects.toMatchObject({ code: "KindUnknown", problems: [{ hint: "did you mean deployment?" }] });
});

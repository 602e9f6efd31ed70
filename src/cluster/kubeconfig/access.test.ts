import { expect, test } from "vitest";
import { type AccessFlags, type ClusterAccess, findAccess } from "./access.ts";

const home = { HOME: "/nowhere" };
const standard = "/nowhere/.kube/config";
const pod = { ...home, KUBERNETES_SERVICE_HOST: "10.0.0.1" };

test.each<{ what: string; flags: AccessFlags; env: Record<string, string>; expected: ClusterAccess }>([
  { what: "the standard file", flags: {}, env: home, expected: { from: "files", paths: [standard] } },
  {
    what: "the files of $KUBECONFIG",
    flags: {},
    env: { ...home, KUBECONFIG: "/a:/b:" },
    expected: { from: "files", paths: ["/a", "/b"] },
  },
  {
    what: "--kubeconfig before all else",
    flags: { kubeconfig: "/mine" },
    env: { ...pod, KUBECONFIG: "/a" },
    expected: { from: "files", paths: ["/mine"] },
  },
  { what: "a pod without any", flags: {}, env: pod, expected: { from: "inCluster" } },
  {
    what: "a pod with $KUBECONFIG",
    flags: {},
    env: { ...pod, KUBECONFIG: "/a" },
    expected: { from: "files", paths: ["/a"] },
  },
  {
    what: "a context and another user",
    flags: { context: "prod", as: "robot", asGroup: ["ops"] },
    env: home,
    expected: { from: "files", paths: [standard], context: "prod", impersonate: { user: "robot", groups: ["ops"] } },
  },
])("$what", ({ flags, env, expected }) => {
  expect(findAccess(flags, env)).toEqual(expected);
});

import { expect, test } from "vitest";
import { clusterReach, type Network } from "../source/index.ts";
import { connect } from "./connect.ts";

const never = new AbortController().signal;
const pod: Network = { named: [], apiServers: [{ host: "10.96.0.1", port: 443 }], near: "private", unnamed: "none" };

const open = (cluster: Readonly<Record<string, string>>) => {
  const config = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  };
  return connect({ from: "text", text: JSON.stringify(config), reach: clusterReach(pod) });
};

test.each([
  { server: "https://127.0.0.1:6443" },
  { server: "http://169.254.169.254" },
  { server: "https://[::1]:6443" },
  { server: "https://other.example.com", "proxy-url": "http://127.0.0.1:3128" },
  { server: "https://other.example.com", "proxy-url": "socks5://127.0.0.1:1080" },
  { server: "https://other.example.com", "proxy-url": "no proxy" },
])("a kubeconfig from a Secret reaches nothing in the Pod: %j", async (cluster) => {
  await expect(open(cluster)).rejects.toMatchObject({ code: "SpecInvalid" });
});

test.each([
  { server: "https://localhost:6443" },
  { server: "https://other.example.com", "proxy-url": "http://localhost:3128" },
])("nor by a name that resolves to it: %j", async (cluster) => {
  await using other = await open(cluster).then((opened) => ({ opened, [Symbol.asyncDispose]: () => opened.close() }));
  await expect(other.opened.resource("v1", "Pod", never)).rejects.toMatchObject({ code: "ClusterUnreachable" });
});

test("it may be for this cluster", async () => {
  const cluster = await open({ server: "https://10.96.0.1" });
  expect(cluster.server).toBe("https://10.96.0.1");
  await cluster.close();
});

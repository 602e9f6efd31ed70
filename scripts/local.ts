import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { parse } from "yaml";
import { listAt, stringAt } from "../src/model/json/json.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../test/support/faults/fault-proxy.ts";
import { startWorld } from "../test/support/world.ts";

/**
 * `npm run local`: a control plane with the manifests of this checkout, an Environment and its repository, until Ctrl-C, and how
 * to run an agent on it. The agent's kubeconfig leads through the fault proxy, which does what standard input says.
 */

const world = await startWorld();
const proxy = await startFaultProxy(world.controlPlane);
const [user] = listAt(parse(await readFile(world.agentKubeconfig, "utf8")), "users");
const throughProxy = await proxy.kubeconfigFor(stringAt(user, "user", "token") ?? "");

const { url, tree } = await world.repository("app");
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "greeting", namespace: "default" } };
await tree.commit({ "app/greeting.yaml": JSON.stringify({ ...map, data: { text: "hello" } }) }, "Say hello");
await world.environment("app", { source: { url, ref: { branch: "main" } }, path: "./app", interval: "5s" });

process.stdout.write(`
The Environment "app" follows the work tree ${tree.dir} (commit and push there).

An administrator:  export KUBECONFIG=${world.controlPlane.kubeconfig}
The agent:         npx node --watch src/main.ts agent --no-leader-election --listen 127.0.0.1:0 --kubeconfig ${throughProxy}

Faults of the agent's way to the API server, one a line: latency 500, status 503, hang, reset, lost-response, truncated-response, delayed-events 500,
off; freeze, thaw, drop, expire. Ctrl-C ends everything.
`);

const lines = createInterface({ input: process.stdin });
const end = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => end.abort());
end.signal.addEventListener("abort", () => lines.close());
for await (const line of lines) process.stdout.write(`${obey(line.trim(), proxy)}\n`);
await proxy.stop();
await world.stop();

/** Does what a line says; what to say to that. */
function obey(line: string, proxy: FaultProxy): string {
  const [word = "", amount] = line.split(" ");
  const at: Readonly<Record<string, () => void>> = {
    off: () => proxy.inject(),
    freeze: proxy.freeze,
    thaw: proxy.thaw,
    drop: proxy.dropConnections,
    expire: proxy.expireWatches,
  };
  const fault = faultOf(word, Number(amount ?? 500));
  if (fault !== undefined) proxy.inject(() => fault);
  else if (Object.hasOwn(at, word)) at[word]?.();
  else return `${line}: no such fault`;
  return `${line}: done after ${proxy.requests.length} requests`;
}

function faultOf(kind: string, amount: number): Fault | undefined {
  switch (kind) {
    case "latency":
    case "delayed-events":
      return { kind, ms: amount };
    case "hang":
    case "reset":
    case "lost-response":
    case "truncated-response":
      return { kind };
    case "status":
      return { kind, status: amount === 401 || amount === 409 || amount === 429 || amount === 503 ? amount : 500 };
    default:
      return undefined;
  }
}

/** The parts of a control plane, and how each is started. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ControlPlaneTool } from "../../toolchain/tools.ts";
import { freePort } from "../process/free-port.ts";
import type { ProcessGroup } from "../process/process-group.ts";
import { connectKube } from "./kube-client.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

/** What to run, and where. */
export interface HostTask {
  readonly dir: string;
  readonly tools: Readonly<Record<ControlPlaneTool, string>>;
  readonly nodes: number;
  readonly schedulerAndControllers: boolean;
  readonly auditLog: boolean;
}

/** Who may do what before any role is written: name → groups. The kubelet has a name of its own in the audit log. */
const users = {
  admin: "system:masters",
  "system:kube-controller-manager": "",
  "system:kube-scheduler": "",
  "fake-kubelet": "system:masters",
} as const;

type User = keyof typeof users;
type Tokens = Readonly<Record<User, string>>;

/** An API server that answers, and a token for every user. */
export interface ApiServer {
  readonly server: string;
  readonly caFile: string;
  readonly tokens: Tokens;
  readonly port: number;
}

const portAttempts = 10;
const startTimeoutMs = 60_000;

/** Every write: who, what and with which body; reads and watches would drown them. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "None", verbs: ["get", "list", "watch"] }, { level: "Request" }],
};

/** The key that signs service account tokens, and the folders and files the parts read. */
export function writeCredentials(dir: string): void {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  writeFileSync(join(dir, "service-accounts.key"), privateKey, { mode: 0o600 });
  writeFileSync(join(dir, "service-accounts.pub"), publicKey);
  writeFileSync(join(dir, "audit-policy.json"), JSON.stringify(auditPolicy));
  mkdirSync(join(dir, "certificates"), { recursive: true });
}

/** What the API server made for itself as it started; the kubelet takes it as well. */
export function apiServerCertificate(dir: string): { readonly cert: string; readonly key: string } {
  const read = (kind: string) => readFileSync(join(dir, "certificates", `apiserver.${kind}`), "utf8");
  return { cert: read("crt"), key: read("key") };
}

/** Over sockets in the folder, so that no port can be taken by another: etcd reads such a URL's host and port as a file name. */
export function startEtcd(task: HostTask, group: ProcessGroup): void {
  group.start("etcd", task.tools.etcd, {
    cwd: task.dir,
    args: [
      "--data-dir=etcd",
      "--listen-client-urls=unix://etcd-client:0",
      "--advertise-client-urls=unix://etcd-client:0",
      "--listen-peer-urls=unix://etcd-peer:0",
      "--initial-advertise-peer-urls=unix://etcd-peer:0",
      "--initial-cluster=default=unix://etcd-peer:0",
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
  });
}

/**
 * A port that was free may be taken the moment after, so a server that ends because of it is started on another; one that
 * comes `again` has the port and the tokens that it had.
 */
export async function startApiServer(
  task: HostTask,
  group: ProcessGroup,
  signal: AbortSignal,
  again?: ApiServer,
): Promise<ApiServer> {
  const fresh = Object.fromEntries(Object.keys(users).map((user) => [user, randomBytes(24).toString("hex")])) as Tokens;
  const tokens = again?.tokens ?? fresh;
  const lines = Object.entries(users).map(([user, groups]) => `${tokens[user as User]},${user},${user},${groups}`);
  writeFileSync(join(task.dir, "tokens.csv"), lines.join("\n"), { mode: 0o600 });
  for (let attempt = 1; ; attempt += 1) {
    const port = again?.port ?? (await freePort());
    const program = group.start("kube-apiserver", task.tools["kube-apiserver"], {
      cwd: task.dir,
      args: apiServerArgs(task, port),
      mayExit: true,
    });
    const api = {
      server: `https://127.0.0.1:${port}`,
      caFile: join(task.dir, "certificates", "apiserver.crt"),
      tokens,
      port,
    };
    const ended = new AbortController();
    void program.ended.then(() => ended.abort());
    if (await isReadyBefore(api, AbortSignal.any([signal, ended.signal]))) {
      group.expectRunning("kube-apiserver");
      return api;
    }
    signal.throwIfAborted();
    const log = group.tail("kube-apiserver");
    if (!log.includes("address already in use") || attempt === portAttempts) {
      throw new Error(`kube-apiserver ended: ${log}`);
    }
  }
}

function apiServerArgs(task: HostTask, port: number): readonly string[] {
  const audit = ["--audit-policy-file=audit-policy.json", "--audit-log-path=audit.jsonl", "--audit-log-mode=blocking"];
  return [
    "--etcd-servers=unix://etcd-client:0",
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--cert-dir=certificates",
    "--service-account-key-file=service-accounts.pub",
    "--service-account-signing-key-file=service-accounts.key",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--authorization-mode=RBAC",
    "--token-auth-file=tokens.csv",
    "--service-cluster-ip-range=10.0.0.0/16",
    "--allow-privileged=true",
    ...(task.auditLog ? audit : []),
  ];
}

/** The controller manager, every controller with an account of its own, and the scheduler. */
export async function startControllers(task: HostTask, group: ProcessGroup, api: ApiServer): Promise<void> {
  const kubeconfig = async (user: User): Promise<string> =>
    writeKubeconfig(join(task.dir, `${user.replace(":", "-")}.kubeconfig`), { ...api, user, token: api.tokens[user] });
  const shared = ["--leader-elect=false", "--secure-port=0", "--kube-api-qps=500", "--kube-api-burst=1000"];
  group.start("kube-controller-manager", task.tools["kube-controller-manager"], {
    cwd: task.dir,
    args: [
      ...shared,
      `--kubeconfig=${await kubeconfig("system:kube-controller-manager")}`,
      "--use-service-account-credentials",
      "--service-account-private-key-file=service-accounts.key",
      `--root-ca-file=${api.caFile}`,
      "--controllers=*,-nodeipam,-route,-cloud-node-lifecycle",
    ],
  });
  group.start("kube-scheduler", task.tools["kube-scheduler"], {
    cwd: task.dir,
    args: [...shared, `--kubeconfig=${await kubeconfig("system:kube-scheduler")}`],
  });
}

/** True as soon as the server says that it is ready for everything, false when the signal comes first. */
async function isReadyBefore(api: ApiServer, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  while (!signal.aborted) {
    if (await isReady(api).catch(() => false)) return true;
    if (Date.now() > deadline) throw new Error("kube-apiserver was not ready within a minute");
    await pause(50);
  }
  return false;
}

async function isReady(api: ApiServer): Promise<boolean> {
  // The certificate is made by the server itself, in its first moments; before, the file is missing.
  if (!readFileSync(api.caFile, "utf8").includes("END CERTIFICATE")) return false;
  const client = connectKube({ ...api, token: api.tokens.admin });
  try {
    await client.request("GET", "/readyz?verbose=false").catch((thrown: unknown) => {
      // A ready server answers "ok", which is not JSON.
      if (!(thrown instanceof SyntaxError)) throw thrown;
    });
    return true;
  } finally {
    await client.close();
  }
}

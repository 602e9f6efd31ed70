/** The part of the kubelet that gives logs: `/containerLogs/<namespace>/<pod>/<container>`, as the API server asks for them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { listenOnFreePort } from "../../process/listen.ts";
import { type KubeClient, KubeError } from "../kube-client.ts";
import { fateOf } from "./container-timeline.ts";

/** Serves logs until the signal, and answers with the port. The API server does not look at who signed the certificate. */
export async function serveLogs(
  client: KubeClient,
  certificate: { readonly cert: string; readonly key: string },
  signal: AbortSignal,
): Promise<number> {
  const server = createServer(certificate, (request, response) => {
    answer(client, request, response).catch((thrown: unknown) => {
      const status = thrown instanceof KubeError ? thrown.status : 500;
      response.writeHead(status, { "content-type": "text/plain" }).end(String(thrown));
    });
  });
  signal.addEventListener("abort", () => server.closeAllConnections(), { once: true });
  signal.addEventListener("abort", () => server.close(), { once: true });
  return listenOnFreePort(server);
}

async function answer(client: KubeClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "https://kubelet");
  const [, , namespace = "", pod = "", container = ""] = pathname.split("/");
  const found = await client.request<V1Pod>("GET", `/api/v1/namespaces/${namespace}/pods/${pod}`);
  const refusal = refusalOf(found, container, searchParams.get("previous") === "true");
  const lines = linesOf(found, container).slice(-Number(searchParams.get("tailLines") ?? "1000000"));
  response
    .writeHead(refusal === undefined ? 200 : 400, { "content-type": "text/plain" })
    .end(refusal ?? lines.map((line) => `${line}\n`).join(""));
}

/** Why there is no log, worded as `validateContainerLogStatus` does (`pkg/kubelet/kubelet_pods.go`). */
function refusalOf(pod: V1Pod, container: string, previous: boolean): string | undefined {
  const status = statusOf(pod, container);
  const where = `container "${container}" in pod "${pod.metadata?.name}"`;
  if (previous && status?.lastState?.terminated === undefined) return `previous terminated ${where} not found`;
  const ran = [status?.state?.running, status?.state?.terminated, status?.lastState?.terminated];
  return ran.some((each) => each !== undefined) ? undefined : `${where} is waiting to start: ContainerCreating`;
}

function statusOf({ status }: V1Pod, name: string): V1ContainerStatus | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.find((each) => each.name === name);
}

/** A container logs its arguments, one a line; without any, what its fate would have it say. */
function linesOf({ spec }: V1Pod, name: string): readonly string[] {
  const container = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find((each) => each.name === name);
  return container?.args ?? ["starting", lastWords(container)];
}

function lastWords(container: V1Container | undefined): string {
  switch (fateOf(container?.image ?? "").kind) {
    case "crash":
      return "fatal: cannot reach db:5432";
    case "oom":
      return "loading the whole catalogue";
    default:
      return "listening on :8080";
  }
}

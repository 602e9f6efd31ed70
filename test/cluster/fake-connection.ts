import type { ApiResponse } from "../../src/cluster/failures/api-status.ts";
import type { ApiRequest, Connection, StreamAnswer } from "../../src/cluster/http/connection.ts";
import { unlimitedMemory } from "../../src/cluster/http/memory-budget.ts";
import { ownLimits } from "../../src/cluster/http/response-limits.ts";

/** A connection that answers as it is told, and keeps what was sent. */
export interface FakeConnection extends Connection {
  /** `GET /api/v1/pods`, in order. */
  readonly sent: readonly string[];
  readonly requests: readonly ApiRequest[];
}

/** Answers every request with what `answer` makes of it. */
export function fakeConnection(answer: (request: ApiRequest) => StreamAnswer | Promise<StreamAnswer>): FakeConnection {
  const requests: ApiRequest[] = [];
  const send = async (request: ApiRequest) => {
    requests.push(request);
    return answer(request);
  };
  const connection: FakeConnection = {
    server: "https://api.example",
    limits: ownLimits,
    memory: unlimitedMemory,
    requests,
    get sent() {
      return requests.map(({ method, path }) => `${method} ${path}`);
    },
    send,
    open: (request) => send(request),
    impersonate: () => connection,
    counts: () => {
      throw new Error("nobody counts here");
    },
    onRecovery: () => () => undefined,
    close: async () => undefined,
  };
  return connection;
}

/** A `metav1.Status`, as an API server sends it with an error. */
export function statusOf(code: number, reason: string, more: Readonly<Record<string, unknown>> = {}): ApiResponse {
  return { status: code, body: { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, ...more } };
}

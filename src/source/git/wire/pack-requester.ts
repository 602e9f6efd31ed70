import type { GitTransport } from "../transport/git-transport.ts";
import { statusError } from "../transport/source-failure.ts";
import type { Discovery } from "./discovery.ts";
import { type PackRequest, packOf, packRequest } from "./upload-pack.ts";

/** Asks a server for a pack; gives it as it arrives. */
export type RequestPack = (request: PackRequest, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** Asks for packs, in one request each. */
export function packRequester(transport: GitTransport, server: Discovery, agent: string): RequestPack {
  return async function* (request, signal) {
    const dialect = await server.dialect(signal);
    const body = packRequest(request, dialect, agent);
    const answer = await transport.during(signal).request({
      url: `${transport.address}/git-upload-pack`,
      method: "POST",
      headers: {
        "content-type": "application/x-git-upload-pack-request",
        accept: "application/x-git-upload-pack-result",
        ...(dialect.version === 2 ? { "git-protocol": "version=2" } : {}),
      },
      body: single(body),
    });
    if (answer.statusCode !== 200) throw statusError(answer.statusCode);
    yield* packOf(answer.body ?? nothing());
  };
}

async function* single(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

import type { GitTransport } from "../transport/git-transport.ts";
import type { Discovery } from "./discovery.ts";
import { type PackRequest, packOf, packRequest } from "./upload-pack.ts";

/** Asks a server for a pack; gives it as it arrives. */
export type RequestPack = (request: PackRequest, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** Asks for packs, in one request each. */
export function packRequester(transport: GitTransport, server: Discovery, agent: string): RequestPack {
  return async function* (request, signal) {
    const dialect = await server.dialect(signal);
    yield* packOf(transport.exchange(packRequest(request, dialect, agent), dialect.version, signal));
  };
}

import type { GitHttpResponse, HttpClient, ServerRef } from "isomorphic-git";
import { Failure } from "../../../model/failure.ts";
import { collect, type GitTransport, maxAdvertisementBytes } from "../transport/git-transport.ts";
import type { Dialect } from "./upload-pack.ts";

/** What a server has, and how it speaks. */
export interface Discovery {
  /** The references that start with a prefix; annotated tags are peeled, HEAD says where it points. */
  readonly listRefs: (prefix: string, signal: AbortSignal) => Promise<readonly ServerRef[]>;
  /** How the server wants to be spoken to; asks it where it has not been asked yet. */
  readonly dialect: (signal: AbortSignal) => Promise<Dialect>;
}

interface Advertisement {
  readonly response: GitHttpResponse;
  readonly body: Buffer;
}

/**
 * Lists references in one request: a server that speaks protocol version 2 is asked for its capabilities once, and
 * for the references alone after that; an older one sends all references with its capabilities, each time.
 * isomorphic-git would ask for the capabilities anew each time; what was heard is answered in the server's place.
 */
export function discovery(transport: GitTransport, address: string): Discovery {
  let heard: Advertisement | undefined;

  const replaying = (client: HttpClient, mayReplay: (advertisement: Advertisement) => boolean): HttpClient => ({
    async request(request) {
      if (request.method !== "GET") return forgetOnRefusal(await client.request(request));
      if (heard !== undefined && mayReplay(heard)) return replay(heard);
      const response = await client.request(request);
      const advertisement = { response, body: await collect(response.body, maxAdvertisementBytes) };
      if (response.statusCode === 200) heard = advertisement;
      return replay(advertisement);
    },
  });
  const forgetOnRefusal = (response: GitHttpResponse): GitHttpResponse => {
    if (response.statusCode !== 200) heard = undefined;
    return response;
  };

  return {
    async listRefs(prefix, signal) {
      const http = replaying(transport.during(signal), holdsNoRefs);
      const git = await import("isomorphic-git");
      const refs = await git.listServerRefs({ http, url: transport.address, prefix, symrefs: true, peelTags: true });
      if (heard !== undefined) refuseSha256(heard, address);
      return refs;
    },
    async dialect(signal) {
      const http = replaying(transport.during(signal), () => true);
      const git = await import("isomorphic-git");
      const info = await git.getRemoteInfo2({ http, url: transport.address, protocolVersion: 2 });
      const { fetch } = info.capabilities;
      const features = typeof fetch === "string" ? fetch.split(" ") : [];
      return {
        version: info.protocolVersion,
        capabilities: new Set([...Object.keys(info.capabilities), ...features]),
      };
    },
  };
}

function holdsNoRefs({ body }: Pick<Advertisement, "body">): boolean {
  return body.includes("version 2\n");
}

/** Version 2 says it in a line of its own, versions before it after the first reference. */
function refuseSha256({ body }: Pick<Advertisement, "body">, address: string): void {
  const firstLines = body
    .toString("latin1", 0, 4096)
    .split("\n")
    .slice(0, holdsNoRefs({ body }) ? 20 : 2);
  if (!firstLines.some((line) => line.includes("object-format=sha256"))) return;
  throw new Failure("SourceInvalid", {
    message: `${address} names its objects by SHA-256, which is not supported`,
    hint: "make the repository with git init --object-format=sha1",
  });
}

function replay({ response, body }: Advertisement): GitHttpResponse {
  const again = async function* () {
    yield body;
  };
  return { ...response, body: again() };
}

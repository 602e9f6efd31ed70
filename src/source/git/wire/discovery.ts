import type { GitTransport } from "../transport/git-transport.ts";
import { type Advertisement, readAdvertisement } from "./advertisement.ts";
import { lsRefsRequest, readServerRefs, type ServerRef } from "./server-refs.ts";
import type { Dialect } from "./upload-pack.ts";

/** The references and the dialect of a server. */
export interface Discovery {
  /** The references that start with one of the prefixes; annotated tags are peeled, HEAD has its target. */
  readonly listRefs: (prefixes: readonly string[], signal: AbortSignal) => Promise<readonly ServerRef[]>;
  /** The version and capabilities of the server; one request where they are not known yet. */
  readonly dialect: (signal: AbortSignal) => Promise<Dialect>;
}

/** Whose references are listed. */
export interface DiscoveryOptions {
  /** For messages. */
  readonly address: string;
  /** How this program names itself. */
  readonly agent: string;
}

/**
 * Lists references in one request: a server that speaks protocol version 2 sends its capabilities once, and
 * references alone after that; an older one sends all references with its capabilities, each time.
 */
export function discovery(transport: GitTransport, { address, agent }: DiscoveryOptions): Discovery {
  let known: Dialect | undefined;

  const advertised = async (prefixes: readonly string[], signal: AbortSignal): Promise<Advertisement> => {
    const advertisement = await readAdvertisement(transport.advertisement(2, signal), { address, prefixes });
    const { version, capabilities } = advertisement;
    known = { version, capabilities };
    return advertisement;
  };

  const lsRefs = async (prefixes: readonly string[], signal: AbortSignal): Promise<readonly ServerRef[]> => {
    try {
      return await readServerRefs(transport.exchange(lsRefsRequest(prefixes, agent), 2, signal), prefixes);
    } catch (thrown) {
      // It may be another server by now, or another version of it.
      known = undefined;
      throw thrown;
    }
  };

  return {
    async listRefs(prefixes, signal) {
      if (known?.version === 2) return lsRefs(prefixes, signal);
      const { version, refs } = await advertised(prefixes, signal);
      return version === 2 ? lsRefs(prefixes, signal) : [...refs.values()];
    },
    dialect: async (signal) => known ?? (await advertised([], signal)),
  };
}

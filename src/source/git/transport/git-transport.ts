/** The two services of a Git server: the one that gives packs, and the one that takes them. */
export type GitService = "git-upload-pack" | "git-receive-pack";

/** Version 2 where the server understands it, else the one that every server speaks. */
export type ProtocolVersion = 0 | 2;

/** The way to one service of one repository, whatever is beneath: gitprotocol-http(5), or a command over SSH. */
export interface GitTransport {
  /**
   * The advertisement, as it arrives: capabilities, and before version 2 all references. The server is offered the version, and
   * may speak an older one. Throws `Failure` as a fetch does.
   */
  readonly advertisement: (version: ProtocolVersion, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** The answer to one request, as it arrives, in the version that the server was found to speak. */
  readonly exchange: (request: Buffer, version: ProtocolVersion, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Reads the fields of an SSH message, one after another (RFC 4251, section 5). */
export interface SshReader {
  readonly uint32: () => number;
  /** A string of bytes. */
  readonly bytes: () => Buffer;
  readonly text: () => string;
  /** So many bytes as they are. */
  readonly raw: (length: number) => Buffer;
}

/** A reader from the start of a message. What reaches beyond its end throws RangeError. */
export function sshReader(message: Buffer): SshReader {
  let at = 0;
  const raw = (length: number): Buffer => {
    if (at + length > message.length) throw new RangeError("an SSH message ends too early");
    at += length;
    return message.subarray(at - length, at);
  };
  const uint32 = (): number => raw(4).readUInt32BE(0);
  const bytes = (): Buffer => raw(uint32());
  return { uint32, bytes, raw, text: () => bytes().toString("latin1") };
}

/** Writes a string of bytes as SSH does: its length before it. */
export function sshBytes(data: Uint8Array | string): Buffer {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

import { tooLarge } from "../git/objects/limits.ts";

/** All of a body in one piece. Throws `Failure` (InputTooLarge) beyond `limit` bytes. */
export async function collect(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > limit) throw tooLarge("bytes in its answer", limit);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

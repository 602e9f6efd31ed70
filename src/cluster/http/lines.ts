import { Failure } from "../../model/failure.ts";

const newline = 0x0a;

/**
 * The lines of a stream of bytes, without their ends; empty ones are left out, and so is a last one without an end,
 * which was cut off. Holds no more than one line, and calls `hold` with its bytes so far; throws `ClusterUnreachable` for one
 * over `longest` bytes.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
  hold: (bytes: number) => void = () => undefined,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      parts.push(chunk.subarray(from, end));
      const line = Buffer.concat(parts).toString("utf8");
      parts = [];
      held = 0;
      from = end + 1;
      if (line !== "") yield line;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > longest) throw tooLong(longest);
    hold(held);
  }
}

function tooLong(longest: number): Failure {
  return new Failure("ClusterUnreachable", { message: `the API server sent a watch event of over ${longest} bytes` });
}

const [quote, comma, backslash, list, object] = [0x22, 0x2c, 0x5c, 0x5b, 0x7b];

/**
 * Counts how many arrays, objects and members a JSON text holds, as it comes: what it costs to parse is told by them and not
 * by its bytes. What stands in strings is none of them.
 */
export class ValueCount {
  #count = 1;
  #inString = false;
  /** Whether the next byte belongs to the backslash before it. */
  #escaped = false;

  /** Goes through the next part. Returns how many there were so far. */
  take(part: Uint8Array): number {
    for (let at = 0; at < part.length; at++) {
      const byte = part[at];
      if (this.#inString) this.#within(byte);
      else if (byte === quote) this.#inString = true;
      else if (byte === comma || byte === list || byte === object) this.#count += 1;
    }
    return this.#count;
  }

  #within(byte: number | undefined): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
  }
}

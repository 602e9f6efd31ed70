import { Failure } from "../../../model/failure.ts";

/** The failure of a pack that is not what it should be: truncated, damaged or forged. */
export function brokenPack(message: string, cause?: unknown): Failure {
  return new Failure("SourceInvalid", { message: `the server sent a broken pack: ${message}` }, { cause });
}

import { Failure } from "../failure.ts";

/** The failure of an abort: the signal's reason where that is one, `ClusterUnreachable` for a timeout, else `Interrupted`. */
export function abortFailure({ reason }: AbortSignal): Failure {
  if (reason instanceof Failure) return reason;
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    return new Failure("ClusterUnreachable", { message: "the API server did not answer in time" }, { cause: reason });
  }
  return new Failure("Interrupted", { message: "the request was aborted" }, { cause: reason });
}

import { Failure, failureClasses } from "../../model/failure.ts";
import { type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import { isUnconverted } from "./conversion.ts";

/**
 * Why the API server rejects an object; every other failure is rethrown. Missing rights, missing references, and webhooks that
 * do not answer or convert are errors that the same plan may mend, so they are answers here; `isError` recognizes them.
 */
export function rejectionOf(thrown: unknown, manifest: Manifest): Failure {
  if (!(thrown instanceof Failure)) throw thrown;
  if (isError(thrown) && !mayBeMended(thrown)) throw withPlace(thrown, manifest);
  return withObject(thrown, manifest);
}

/** Whether a failure says nothing against the revision. */
export function isError({ code }: Failure): boolean {
  return failureClasses[code].nature === "error";
}

function mayBeMended(failure: Failure): boolean {
  const { code, problems } = failure;
  return (
    code === "Forbidden" ||
    code === "NotFound" ||
    isUnconverted(failure) ||
    problems.some(({ message }) => message.startsWith("the admission webhook "))
  );
}

/** The failure with the file in every problem that names an object: an unreachable API server is no fault of a file. */
function withPlace(failure: Failure, { origin, sensitive }: Manifest): Failure {
  const shown = sensitive ? failure.discreet : failure;
  if (shown.problems.every(({ object }) => object === undefined)) return shown;
  const problems = shown.problems.map((problem) =>
    problem.object === undefined ? problem : { ...placeOf(origin), ...problem },
  );
  return new Failure(shown.code, problems, sensitive ? {} : { cause: failure });
}

/** The failure with file and object in every problem; for a sensitive object without the server's words, which may quote it. */
export function withObject(failure: Failure, { origin, id, sensitive }: Manifest): Failure {
  const place = { ...placeOf(origin), object: describeId(id) };
  const shown = sensitive ? failure.discreet : failure;
  return new Failure(
    shown.code,
    shown.problems.map((problem) => ({ ...place, ...problem })),
    sensitive ? {} : { cause: failure },
  );
}

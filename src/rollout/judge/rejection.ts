import { Failure, failureClasses } from "../../model/failure.ts";
import { type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import { isUnconverted } from "./conversion.ts";

/**
 * What the API server has against an object; everything else is thrown on. Rights that are missing, what is named and is not
 * there, and webhooks that do not answer or convert may be what the same plan mends, so that they are answers here; `isError`
 * tells them.
 */
export function rejectionOf(thrown: unknown, manifest: Manifest): Failure {
  if (!(thrown instanceof Failure)) throw thrown;
  if (isError(thrown) && !mayBeMended(thrown)) throw placed(thrown, manifest);
  return named(thrown, manifest);
}

/** Tells whether a failure says nothing against the revision. */
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

/** The failure with the file in every problem of an object: what is wrong with the way there is of none. */
function placed(failure: Failure, { origin, sensitive }: Manifest): Failure {
  const told = sensitive ? failure.discreet : failure;
  if (told.problems.every(({ object }) => object === undefined)) return told;
  const problems = told.problems.map((problem) =>
    problem.object === undefined ? problem : { ...placeOf(origin), ...problem },
  );
  return new Failure(told.code, problems, sensitive ? {} : { cause: failure });
}

/** The failure with the file and the object in every problem, and of an object that is sensitive without a server's words. */
export function named(failure: Failure, { origin, id, sensitive }: Manifest): Failure {
  const place = { ...placeOf(origin), object: describeId(id) };
  const told = sensitive ? failure.discreet : failure;
  return new Failure(
    told.code,
    told.problems.map((problem) => ({ ...place, ...problem })),
    sensitive ? {} : { cause: failure },
  );
}

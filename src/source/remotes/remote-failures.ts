import { Failure, type Problem, toFailure } from "../../model/failure.ts";
import { type RemoteReference, shownUrl } from "../../model/remote.ts";

/** Does it for all, and throws the problems of all that failed, under the code of the first. */
export async function allOrFailure<T>(
  references: readonly RemoteReference[],
  work: (reference: RemoteReference) => Promise<T>,
): Promise<readonly T[]> {
  const failures: Failure[] = [];
  const done = await Promise.all(
    references.map((reference) =>
      work(reference).catch((thrown: unknown) => {
        failures.push(placed(thrown, reference));
        return undefined;
      }),
    ),
  );
  const [first] = failures;
  if (first !== undefined) {
    const same = failures.filter(({ code }) => code === first.code);
    throw new Failure(
      first.code,
      same.flatMap(({ problems }) => problems),
      { cause: first.cause },
    );
  }
  return done.filter((each) => each !== undefined);
}

/** The failure with the place of the reference in it. */
export function placed(thrown: unknown, { text, place }: RemoteReference): Failure {
  const { code, problems, cause } = toFailure(thrown);
  const atPlace = problems.map(
    ({ message, hint }): Problem => ({
      ...place,
      message: `cannot fetch ${shownUrl(text)}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    }),
  );
  return new Failure(code, atPlace, { cause });
}

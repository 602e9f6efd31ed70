import { inSlices } from "../../clock/index.ts";
import { readInPieces } from "../../model/json/json-pieces.ts";
import { AnswerTooLarge } from "./answer-limits.ts";
import { bytesPerValue, type Loan } from "./memory-budget.ts";

/** What one text of a server may cost, and on whose account. */
export interface Cost {
  readonly server: string;
  /** Arrays, objects and members. */
  readonly values: number;
  readonly loan: Loan;
}

/**
 * Reads a JSON text of an API server in slices, between which others have their turn. Throws `SyntaxError` for what is none,
 * `AnswerTooLarge` for more values than it may have, and what taking room for them does.
 */
export function readJson(text: string, { server, values, loan }: Cost): Promise<unknown> {
  let left = values;
  const spend = (count: number): void => {
    left -= count;
    if (left < 0) throw new AnswerTooLarge(server, `${values} values`);
    loan.take(count * bytesPerValue);
  };
  return inSlices(readInPieces(text, spend));
}

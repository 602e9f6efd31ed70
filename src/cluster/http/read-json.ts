import { inSlices } from "../../clock/index.ts";
import { readInPieces } from "../../model/json/json-pieces.ts";
import { bytesPerValue, type Reservation } from "./memory-budget.ts";
import { ResponseTooLarge } from "./response-limits.ts";

/** What one text of a server may cost, and what it is charged to. */
export interface Cost {
  readonly server: string;
  /** Arrays, objects and members. */
  readonly values: number;
  readonly reservation: Reservation;
}

/**
 * Reads a JSON text of an API server in slices, between which the event loop is free. Throws `SyntaxError` for what is none,
 * `ResponseTooLarge` for too many values, and `ClusterBusy` where they exceed the memory budget.
 */
export function readJson(text: string, { server, values, reservation }: Cost): Promise<unknown> {
  let left = values;
  const spend = (count: number): void => {
    left -= count;
    if (left < 0) throw new ResponseTooLarge(server, `${values} values`);
    reservation.add(count * bytesPerValue);
  };
  return inSlices(readInPieces(text, spend));
}

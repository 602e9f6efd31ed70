import { Failure } from "../../model/failure.ts";
import type { Inventory } from "../../model/inventory.ts";

/**
 * What an inventory may take of the status, in bytes as JSON: etcd refuses an object above 1.5 MiB
 * (https://etcd.io/docs/v3.6/dev-guide/limit/), and conditions, history and managed fields need room as well.
 */
const limitBytes = 1_200_000;

/** Throws `Failure` (InputTooLarge), before anything is written, for more objects than a status can remember. */
export function refuseTooLarge({ entries }: Inventory): void {
  // `{"id":"…","v":"…"},`; ids are ASCII.
  const bytes = entries.reduce((sum, { id, v }) => sum + id.length + v.length + 17, 0);
  if (bytes <= limitBytes) return;
  const fitting = Math.floor((entries.length * limitBytes) / bytes);
  throw new Failure("InputTooLarge", {
    field: "status.inventory",
    message: `${entries.length} objects are more than the status of one Environment can remember; about ${fitting} of them would fit`,
    hint: "split it into several Environments",
  });
}

export { readSopsItems } from "./decryption.ts";
export { type Content, desiredStages, type Opening, openingOf } from "./desired.ts";
export { atPin, isPinned } from "./pin.ts";
export { createRights, type Rights } from "./rights.ts";
export { createSnapshotStore, type SnapshotStore } from "./snapshots.ts";
export { type ReadSource, readSource } from "./source.ts";
export { readVariables, secretVariables } from "./variables.ts";
export { createVoucher, type Stand } from "./voucher.ts";

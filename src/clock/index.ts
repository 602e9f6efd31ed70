export { backoffMs, createBackoff } from "./backoff.ts";
export { reportBug } from "./bug.ts";
export { guarded } from "./guarded.ts";
export { pause, rest } from "./pause.ts";
export { createRateLimit } from "./rate-limit.ts";
export { createSingleFlight } from "./single-flight.ts";
export { createPace, inSlices, type Pace } from "./slices.ts";
export { type Alarm, after, every, type LooseAlarm, soon } from "./timers.ts";

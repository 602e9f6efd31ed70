export { type Backoff, type BackoffRange, backoffMs, createBackoff } from "./backoff.ts";
export { reportBug } from "./bug.ts";
export { guarded } from "./guarded.ts";
export { pause, rest } from "./pause.ts";
export { createRateLimit, type Rate, type RateLimit } from "./rate-limit.ts";
export { createSingleFlight, type SingleFlight } from "./single-flight.ts";
export { createPace, inSlices, type Pace } from "./slices.ts";
export { type Alarm, after, every, type LooseAlarm, soon } from "./timers.ts";

export { type EnvironmentEvent, writeEvent } from "./events.ts";

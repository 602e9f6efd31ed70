export { type EnvironmentEvent, type EventSubject, writeEvent } from "./events.ts";

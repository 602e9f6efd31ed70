export { type EventSubject, type ResourceEvent, writeEvent } from "./events.ts";

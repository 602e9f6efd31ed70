export { type EventSubject, writeEvent } from "./events.ts";

import type { NotableEvent } from "./decision.ts";

/** Records events once: one that says the same as the one before it is left out. */
export interface EventRecorder<Event extends NotableEvent> {
  /** Emits the event, unless it repeats the last one. */
  record(event: Event, emit: (event: Event) => void): void;
  /** The next event is emitted whatever it says. */
  settle(): void;
}

/** No event recorded yet. */
export function createEventRecorder<Event extends NotableEvent>(): EventRecorder<Event> {
  /** The last event of what comes of passes (the empty key), and of each standalone reason. */
  const last = new Map<string, string>();
  return {
    record(event, emit) {
      const key = event.standalone === true ? event.reason : "";
      const text = `${event.reason} ${event.message}`;
      if (text === last.get(key) && event.recurring !== true) return;
      last.set(key, text);
      emit(event);
    },
    settle: () => void last.delete(""),
  };
}

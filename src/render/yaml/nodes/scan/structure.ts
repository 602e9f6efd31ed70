import { scanDirective } from "../../scan/directive.ts";
import type { ScanState } from "./scan-state.ts";
import { token } from "./token.ts";

/* The tokens of structure. Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_fetch_*`. */

/** The start of the text. */
export function start(state: ScanState): void {
  state.keys.open();
  state.cursor.keyAllowed = true;
  state.push("streamStart", state.marks.here());
}

/** The end of the text. */
export function end(state: ScanState): void {
  state.unroll(-1, state.marks.here());
  state.keys.drop();
  state.cursor.keyAllowed = false;
  state.push("streamEnd", state.marks.here());
}

/** A directive. */
export function directive(state: ScanState): void {
  state.unroll(-1, state.marks.here());
  state.keys.drop();
  state.cursor.keyAllowed = false;
  const start = state.marks.here();
  scanDirective(state.cursor);
  state.push("directive", start);
}

/** `---` or `...`. */
export function documentMarker(state: ScanState, kind: "documentStart" | "documentEnd"): void {
  state.unroll(-1, state.marks.here());
  state.keys.drop();
  state.cursor.keyAllowed = false;
  state.indicator(kind, 3);
}

/** An opening bracket or brace. */
export function openFlow(state: ScanState, kind: "flowListStart" | "flowMapStart"): void {
  state.saveKey();
  state.keys.open();
  state.nesting.open();
  state.cursor.keyAllowed = true;
  state.indicator(kind, 1);
}

/** A closing bracket or brace. */
export function closeFlow(state: ScanState, kind: "flowListEnd" | "flowMapEnd"): void {
  state.keys.drop();
  if (state.nesting.close()) state.keys.close();
  state.cursor.keyAllowed = false;
  state.indicator(kind, 1);
}

/** A comma in flow style. */
export function flowEntry(state: ScanState): void {
  state.keys.drop();
  state.cursor.keyAllowed = true;
  state.indicator("flowEntry", 1);
}

/** The dash of a list item. */
export function entry(state: ScanState): void {
  if (!state.nesting.inFlow) {
    if (!state.cursor.keyAllowed) throw state.misplaced("a dash");
    state.roll(state.marks.here(), undefined, "listStart");
  }
  state.keys.drop();
  state.cursor.keyAllowed = true;
  state.indicator("entry", 1);
}

/** The `?` of a key. */
export function explicitKey(state: ScanState): void {
  if (!state.nesting.inFlow) {
    if (!state.cursor.keyAllowed) throw state.misplaced("a key");
    state.roll(state.marks.here(), undefined, "mapStart");
  }
  state.keys.drop();
  state.cursor.keyAllowed = !state.nesting.inFlow;
  state.indicator("key", 1);
}

/** The colon behind a key. */
export function value(state: ScanState): void {
  const key = state.keys.take();
  if (key !== undefined) {
    state.queue.insert(key.number, token("key", key.mark));
    state.roll(key.mark, key.number, "mapStart");
    state.cursor.keyAllowed = false;
  } else {
    if (!state.nesting.inFlow) {
      if (!state.cursor.keyAllowed) throw state.misplaced("a second value");
      state.roll(state.marks.here(), undefined, "mapStart");
    }
    state.cursor.keyAllowed = !state.nesting.inFlow;
  }
  state.indicator("value", 1);
}

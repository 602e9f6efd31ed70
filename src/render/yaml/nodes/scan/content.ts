import { scanBlockScalar } from "../../scan/block-scalar.ts";
import { ch } from "../../scan/chars.ts";
import type { Cursor } from "../../scan/cursor.ts";
import { scanPlain } from "../../scan/plain-scalar.ts";
import { scanQuoted } from "../../scan/quoted-scalar.ts";
import type { ScanState } from "./scan-state.ts";

/* The tokens of content. Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_fetch_*`. */

/** An alias, an anchor or a tag. */
export function word(state: ScanState, kind: "alias" | "anchor" | "tag", scan: (cursor: Cursor) => string): void {
  state.saveKey();
  state.cursor.keyAllowed = false;
  const start = state.marks.here();
  state.push(kind, start, scan(state.cursor));
}

/** A literal or folded block scalar. */
export function blockScalar(state: ScanState, code: number): void {
  state.keys.drop();
  const start = state.marks.here();
  state.comments.scanHeader(start);
  const text = scanBlockScalar(state.synced(), state.nesting.indent);
  state.cursor.keyAllowed = true;
  state.push("scalar", start, text, code === ch.pipe ? "literal" : "folded");
}

/** A scalar in quotes. */
export function quoted(state: ScanState, code: number): void {
  state.saveKey();
  state.cursor.keyAllowed = false;
  const start = state.marks.here();
  const text = scanQuoted(state.synced());
  state.push("scalar", start, text, code === ch.singleQuote ? "single" : "double");
}

/** A plain scalar. */
export function plain(state: ScanState): void {
  state.saveKey();
  state.cursor.keyAllowed = false;
  const start = state.marks.here();
  const text = scanPlain(state.synced(), state.nesting.indent, state.nesting.inFlow);
  state.push("scalar", start, text);
}

import { createHash } from "node:crypto";
import { decodeBase64 } from "../../model/text/base64.ts";
import { templateError } from "../value.ts";
import { atLeast, exactly, sprint, string, type TemplateFunction } from "./arguments.ts";
import { fromJson, toJson } from "./json.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const digest = (algorithm: string) =>
  exactly(1, ([text]) =>
    createHash(algorithm)
      .update(bytes(string(text)))
      .digest("hex"),
  );

/** Encodings and digests, as sprig names them, and Go's `urlquery` and `html`. */
export const encodings: Readonly<Record<string, TemplateFunction>> = {
  b64enc: exactly(1, ([text]) => bytes(string(text)).toString("base64")),
  b64dec: exactly(1, ([text]) => {
    const decoded = decodeBase64(string(text));
    // sprig gives the error's text as the result, which would end up in the Secret.
    if (decoded === undefined) throw templateError("b64dec: the string is not base64");
    return decoded.toString("latin1");
  }),
  sha1sum: digest("sha1"),
  sha256sum: digest("sha256"),
  toJson: exactly(1, ([value]) => toJson(value, { escapeHtml: true })),
  toRawJson: exactly(1, ([value]) => toJson(value, { escapeHtml: false })),
  toPrettyJson: exactly(1, ([value]) => toJson(value, { escapeHtml: true, indent: 2 })),
  fromJson: exactly(1, ([text]) => fromJson(string(text))),
  urlquery: atLeast(1, (args) => percentEncoded(sprint(args))),
  html: atLeast(1, (args) => sprint(args).replace(/[\0"'&<>]/g, (byte) => entities[byte] ?? byte)),
};

const entities: Readonly<Record<string, string>> = {
  ...{ "\0": "\xef\xbf\xbd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;" },
};

/** `url.QueryEscape` of Go. */
function percentEncoded(text: string): string {
  const percent = (byte: string) =>
    byte === " " ? "+" : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return text.replace(/[^A-Za-z0-9_.~-]/g, percent);
}

import { Failure, type Problem } from "../../model/failure.ts";
import { objectAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { memberPath } from "../sealed-secret/sealed-secret.ts";
import { valuesOf } from "./seal.ts";

const white = new Set([..." \t\n\v\f\r"].map((character) => character.charCodeAt(0)));

/** Tells whether a value is empty, or white space and nothing else: what a program that failed leaves in a pipe. */
export function isBlank(value: Uint8Array): boolean {
  return value.every((byte) => white.has(byte));
}

/** What is wrong with it, as people say it. */
export function describeBlankValue(value: Uint8Array): string {
  return value.length === 0 ? "is empty" : "holds nothing but white space";
}

/** Refuses a Secret that has no values, or a blank one. Throws `Failure` (SealInvalid) with the field of each. */
export function refuseBlankValues(secret: KubeObject): void {
  const { name = "", namespace = "" } = secret.metadata;
  const object = ["Secret", namespace, name].filter((part) => part !== "").join("/");
  const values = valuesOf(secret);
  const ofText = objectAt(secret, "stringData") ?? {};
  const found =
    values.size === 0
      ? [{ field: "data", message: "has no values to seal" }]
      : [...values]
          .filter(([, value]) => isBlank(value))
          .map(([item, value]) => {
            return {
              field: memberPath(Object.hasOwn(ofText, item) ? "stringData" : "data", item),
              message: describeBlankValue(value),
            };
          });
  const hint = "did the program that made it fail? use --allow-empty-data to seal it anyway";
  const problems = found.map((problem): Problem => ({ object, ...problem, hint }));
  if (problems.length > 0) throw new Failure("SealInvalid", problems);
}

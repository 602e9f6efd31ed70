import { Failure, type Problem } from "../../../model/failure.ts";
import { type Json, objectAt, valueAt } from "../../../model/json/json.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import type { Names } from "../../command/command.ts";
import { wrongName } from "../../command/names.ts";
import { wrongItemName } from "./target.ts";

/**
 * Refuses a Secret whose name, namespace or items are called as no API server takes it: what is sealed is bound to them.
 * Throws `Failure` (SealInvalid) with the field of each.
 */
export function refuseWrongNames(secret: KubeObject): void {
  const object = `Secret/${secret.metadata.name ?? ""}`;
  const items = ["data", "stringData"].flatMap((field) =>
    Object.keys(objectAt(secret, field) ?? {}).flatMap((name): readonly Problem[] => {
      const wrong = wrongItemName(name);
      return wrong === undefined ? [] : [{ field, message: wrong }];
    }),
  );
  const problems = [...wrongAt(secret, "name", "object"), ...wrongAt(secret, "namespace", "namespace"), ...items];
  if (problems.length === 0) return;
  throw new Failure(
    "SealInvalid",
    problems.map((problem) => ({ object, ...problem })),
  );
}

function wrongAt(secret: KubeObject, member: "name" | "namespace", names: Names): readonly Problem[] {
  const given: Json | undefined = valueAt(secret, "metadata", member);
  if (given === undefined || given === null || given === "") return [];
  const wrong = typeof given === "string" ? wrongName(given, names) : { message: "must be a text", hint: "quote it" };
  return wrong === undefined ? [] : [{ field: `metadata.${member}`, ...wrong }];
}

import { Failure } from "../../../model/failure.ts";
import { PatternInvalid } from "../../../model/text/pattern.ts";
import { describeResId } from "../../resource/res-id.ts";
import { currentId, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { FieldPathInvalid } from "../../value/field-path.ts";

/** Goes down a path of an object; what does not fit is a failure (RenderFailed) of that object. */
export function inObject<T>(set: ResourceSet, resource: Resource, path: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof FieldPathInvalid || thrown instanceof PatternInvalid)) throw thrown;
    throw problem(set, resource, path, `unable to find field "${path}": ${thrown.message}`);
  }
}

/** What is wrong with a field of an object. */
export function problem(set: ResourceSet, resource: Resource, field: string, message: string): Failure {
  const object = describeResId(currentId(resource, set.scope));
  return new Failure("RenderFailed", { message, object, field, ...resource.origin });
}

/** What is wrong with the replacement itself. */
export function invalid(message: string, field?: string): Failure {
  return new Failure("KustomizationInvalid", {
    message,
    field: field === undefined ? "replacements" : `replacements.${field}`,
  });
}

import { Failure } from "../../model/failure.ts";
import type { ObjectMeta } from "../../model/manifest.ts";
import { narrowSpec } from "../narrow-spec.ts";
import { EnvironmentSpec } from "./environment-spec.ts";
import type { EnvironmentStatus } from "./environment-status.ts";

/** As long as the value of a label may be: what an Environment owns is labelled with its name. */
export const longestEnvironmentName = 63;

/** An Environment, narrowed: defaults filled in, every field of the type the schema says. */
export interface Environment {
  readonly metadata: ObjectMeta & { readonly namespace: string };
  readonly spec: EnvironmentSpec;
  readonly status: EnvironmentStatus;
}

/** A folder of an environment, with its own time limit. `name` is empty where the spec has a single path. */
export interface Stage {
  readonly name: string;
  readonly path: string;
  readonly timeout: string;
}

/**
 * Narrows an object read from the API. Throws `Failure` (SpecInvalid) with one problem per field that is wrong, the name among them,
 * or two stages of one name; the rest is checked by the API server by the same schema, but for objects older than the CRD.
 */
export function readEnvironment(object: unknown): Environment {
  const {
    metadata,
    spec: raw,
    status,
  } = object as { metadata: Environment["metadata"]; spec?: unknown; status?: EnvironmentStatus };
  const name = `Environment/${metadata.namespace}/${metadata.name}`;
  if (metadata.name.length > longestEnvironmentName) {
    throw new Failure("SpecInvalid", {
      object: name,
      field: "metadata.name",
      message: `is longer than ${longestEnvironmentName} characters, the limit for a label value`,
    });
  }
  const spec = narrowSpec(EnvironmentSpec, raw, name);
  const stages = spec.stages?.map((stage) => stage.name) ?? [];
  const twice = stages.find((each, index) => stages.indexOf(each) < index);
  if (twice !== undefined) {
    throw new Failure("SpecInvalid", { object: name, field: "spec.stages", message: `has two stages named ${twice}` });
  }
  return { metadata, spec, status: status ?? {} };
}

/** The stages in order: those of the spec, or the one path as a single stage. */
export function stagesOf(spec: EnvironmentSpec): readonly Stage[] {
  if (spec.stages === undefined) return [{ name: "", path: spec.path ?? ".", timeout: spec.timeout }];
  return spec.stages.map((stage) => ({ name: stage.name, path: stage.path, timeout: stage.timeout ?? spec.timeout }));
}

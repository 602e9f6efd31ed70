import { isObject, type Json, type JsonObject, valueAt } from "../model/json.ts";
import { EnvironmentSpec } from "./environment-spec.ts";
import { EnvironmentStatus } from "./environment-status.ts";
import { group, version } from "./names.ts";

const column = (name: string, jsonPath: string, type = "string"): JsonObject => ({ name, type, jsonPath });

/** The CustomResourceDefinition of Environment: structural, with defaults, validation and printer columns. */
export function environmentCrd(): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `environments.${group}` },
    spec: {
      group,
      names: {
        kind: "Environment",
        listKind: "EnvironmentList",
        plural: "environments",
        singular: "environment",
        shortNames: ["env"],
      },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
            column("Revision", ".status.lastAppliedRevision"),
            column("Status", '.status.conditions[?(@.type=="Ready")].message'),
            column("Age", ".metadata.creationTimestamp", "date"),
          ],
          schema: {
            openAPIV3Schema: {
              type: "object",
              description: "Environment keeps a cluster tied to a folder of a Git repository.",
              required: ["spec"],
              properties: {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec: {
                  ...structural(EnvironmentSpec),
                  "x-kubernetes-validations": [
                    { rule: "!(has(self.path) && has(self.stages))", message: "path and stages exclude each other" },
                  ],
                },
                status: structural(EnvironmentStatus),
              },
            },
          },
        },
      ],
    },
  };
}

/**
 * A JSON schema as Kubernetes' structural schemas want it: `additionalProperties` for maps, a type beside every enum,
 * and nothing required that has a default (the API server fills it in).
 */
function structural(schema: unknown): JsonObject {
  if (!isObject(schema)) return {};
  const type = schema.type === undefined && schema.enum !== undefined ? { type: "string" } : {};
  const members = Object.entries(schema).flatMap(([key, value]) => structuralMember(schema, key, value));
  return { ...type, ...Object.fromEntries(members) };
}

function structuralMember(
  schema: JsonObject,
  key: string,
  value: Json | undefined,
): readonly (readonly [string, Json])[] {
  if (value === undefined || key.startsWith("~")) return [];
  switch (key) {
    case "properties":
      return [[key, mapValues(value, structural)]];
    case "patternProperties":
      return [["additionalProperties", structural(isObject(value) ? Object.values(value)[0] : {})]];
    case "items":
      return [[key, structural(value)]];
    case "required": {
      const required = Array.isArray(value) ? value.filter((name) => !hasDefault(schema, String(name))) : [];
      return required.length === 0 ? [] : [[key, required]];
    }
    default:
      return [[key, value]];
  }
}

function mapValues(value: Json, change: (child: Json | undefined) => Json): JsonObject {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, child]) => [name, change(child)])) : {};
}

function hasDefault(schema: JsonObject, name: string): boolean {
  return valueAt(schema, "properties", name, "default") !== undefined;
}

import { isObject, type Json, type JsonObject, valueAt } from "../model/json/json.ts";
import { longestEnvironmentName } from "./environment/environment.ts";
import { EnvironmentSpec } from "./environment/environment-spec.ts";
import { EnvironmentStatus } from "./environment/environment-status.ts";
import { group, version } from "./names.ts";
import { PromotionSpec } from "./promotion/promotion-spec.ts";
import { PromotionStatus } from "./promotion/promotion-status.ts";

const column = (name: string, jsonPath: string, type = "string"): JsonObject => ({ name, type, jsonPath });

const ready = (field: string) => `.status.conditions[?(@.type=="Ready")].${field}`;
const age = column("Age", ".metadata.creationTimestamp", "date");

/** The CustomResourceDefinition of Environment: structural, with defaults, validation and printer columns. */
export function environmentCrd(): JsonObject {
  return definition({
    kind: "Environment",
    shortName: "env",
    description: "Environment keeps a cluster tied to a folder of a Git repository.",
    columns: [
      column("Ready", ready("status")),
      column("Revision", ".status.lastAppliedRevision"),
      column("Status", ready("message")),
      age,
    ],
    spec: {
      ...structural(EnvironmentSpec),
      "x-kubernetes-validations": [
        { rule: "!(has(self.path) && has(self.stages))", message: "path and stages are mutually exclusive" },
        {
          rule: "!has(self.forge) || self.forge.type != 'gitea' || has(self.forge.url)",
          message: "forge.url is required for Gitea",
        },
      ],
    },
    status: structural(EnvironmentStatus),
    rules: [
      {
        rule: `self.metadata.name.size() <= ${longestEnvironmentName}`,
        message: `the name is longer than ${longestEnvironmentName} characters, the limit for a label value`,
      },
    ],
  });
}

/** The same of Promotion. */
export function promotionCrd(): JsonObject {
  return definition({
    kind: "Promotion",
    shortName: "promo",
    description: "Promotion keeps one pull request open from what is proven in an Environment to the next branch.",
    columns: [
      column("From", ".spec.from.environmentRef.name"),
      column("To", ".spec.to.branch"),
      column("Ready", ready("status")),
      column("Request", ".status.pullRequest.number", "integer"),
      column("Status", ready("message")),
      age,
    ],
    spec: {
      ...structural(PromotionSpec),
      "x-kubernetes-validations": [
        {
          rule: "!(has(self.to.path) && has(self.to.environmentRef))",
          message: "to.path and to.environmentRef are mutually exclusive",
        },
        {
          rule: "self.forge.type != 'gitea' || has(self.forge.url)",
          message: "forge.url is required for Gitea",
        },
      ],
    },
    status: structural(PromotionStatus),
  });
}

interface Defined {
  readonly kind: string;
  readonly shortName: string;
  readonly description: string;
  readonly columns: readonly JsonObject[];
  readonly spec: JsonObject;
  readonly status: JsonObject;
  readonly rules?: readonly JsonObject[];
}

function definition({ kind, shortName, description, columns, spec, status, rules }: Defined): JsonObject {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  const properties = {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    spec,
    status,
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames: [shortName] },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: "object",
              description,
              required: ["spec"],
              properties,
              ...(rules === undefined ? {} : { "x-kubernetes-validations": rules }),
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
    case "propertyNames":
      // Structural schemas say nothing of keys; the agent looks at them (limits.ts).
      return [];
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

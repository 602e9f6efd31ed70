import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Table, TableNode } from "../src/render/schema/table.ts";

/** The Kubernetes whose OpenAPI kustomize v5.8.2 embeds, and the module that says which kinds have a namespace. */
const kubernetes = "k8s.io/kubernetes@v1.21.2";
const kyaml = "sigs.k8s.io/kustomize/kyaml@v0.21.2";

/** The part of an OpenAPI schema that is read here. */
interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly "x-kubernetes-patch-strategy"?: string;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const run = promisify(execFile);

/**
 * `src/render/schema/builtin.json`: what kustomize takes from the OpenAPI it embeds, and nothing else of it. Nothing, and
 * a word about it, where there is no Go toolchain, or `offline` is set and the modules are not in its cache.
 */
export async function schemaTable(offline: boolean): Promise<Readonly<Record<string, string>>> {
  try {
    return { "src/render/schema/builtin.json": `${JSON.stringify(await makeTable(offline))}\n` };
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    console.error(
      `note: the schema table is left alone: no Go toolchain, or no ${kubernetes} and ${kyaml} in its cache`,
    );
    return {};
  }
}

/** Whether running `go` failed, as opposed to reading what it gave. */
const isUnavailable = (cause: unknown): boolean => cause instanceof Error && "cmd" in cause;

async function moduleDirectory(module: string, offline: boolean): Promise<string> {
  const env = offline ? { ...process.env, GOPROXY: "off" } : process.env;
  const { stdout } = await run("go", ["mod", "download", "-json", module], { env });
  const found: { Dir: string } = JSON.parse(stdout);
  return found.Dir;
}

async function makeTable(offline: boolean): Promise<Table> {
  const [openApi, source] = await Promise.all([
    readFile(join(await moduleDirectory(kubernetes, offline), "api/openapi-spec/swagger.json"), "utf8"),
    readFile(join(await moduleDirectory(kyaml, offline), "openapi/openapi.go"), "utf8"),
  ]);
  const { definitions }: { definitions: Record<string, Schema> } = JSON.parse(openApi);
  const names = reachable(definitions);
  return {
    kinds: Object.fromEntries(
      names.flatMap((name, index) =>
        (definitions[name]?.["x-kubernetes-group-version-kind"] ?? []).map((gvk) => [typeOf(gvk), index]),
      ),
    ),
    namespaced: scopes(source),
    names,
    definitions: names.map((name) => node(definitions[name] ?? {}, (reference) => names.indexOf(reference))),
  };
}

const typeOf = ({ group, version, kind }: GroupVersionKind): string =>
  `${group === "" ? version : `${group}/${version}`}/${kind}`;

/** The definitions of kinds, and those they refer to, sorted by name. */
function reachable(definitions: Readonly<Record<string, Schema>>): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const match of JSON.stringify(definitions[name] ?? {}).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
      visit(match[1] ?? "");
    }
  };
  for (const [name, schema] of Object.entries(definitions)) {
    if (schema["x-kubernetes-group-version-kind"] !== undefined) visit(name);
  }
  return [...found].sort();
}

/** A schema without all that kustomize does not look at. Extensions beside a `$ref` are lost, as they are in kyaml. */
function node(schema: Schema, indexOf: (definition: string) => number): TableNode {
  if (schema.$ref !== undefined) return indexOf(schema.$ref.replace("#/definitions/", ""));
  if (schema.type === "array") {
    const keys = schema["x-kubernetes-list-map-keys"] ?? [schema["x-kubernetes-patch-merge-key"] ?? []].flat();
    const strategy = schema["x-kubernetes-patch-strategy"];
    return {
      ...(schema.items === undefined ? {} : { items: node(schema.items, indexOf) }),
      ...(strategy === undefined ? {} : { strategy, ...(keys.length === 0 ? {} : { keys }) }),
    };
  }
  const { properties, additionalProperties } = schema;
  if (properties === undefined && typeof additionalProperties !== "object") return schema.type ?? "";
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, node(field, indexOf)]);
  return {
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
    ...(typeof additionalProperties === "object" ? { values: node(additionalProperties, indexOf) } : {}),
  };
}

/** Which kinds have a namespace, as kyaml's source lists them in `precomputedIsNamespaceScoped`. */
function scopes(source: string): Record<string, boolean> {
  const entries = source.matchAll(/\{APIVersion: "([^"]+)", Kind: "([^"]+)"\}:\s+(true|false),/g);
  return Object.fromEntries([...entries].map(([, version, kind, scope]) => [`${version}/${kind}`, scope === "true"]));
}

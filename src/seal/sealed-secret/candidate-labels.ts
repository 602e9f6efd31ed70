import { labelOf, type Place } from "./scope.ts";

/** The labels of all scopes that these namespaces and names can form with each other; `default` is a common mistake. */
export function candidateLabels(places: readonly Place[]): readonly string[] {
  const unique = (values: readonly string[]) => [...new Set(values)].filter((value) => value !== "").slice(0, 300);
  const namespaces = unique([...places.map((place) => place.namespace), "default"]);
  const names = unique(places.map((place) => place.name));
  const strict = namespaces.flatMap((namespace) => names.map((name) => labelOf({ namespace, name }, "strict")));
  return ["", ...namespaces, ...strict];
}

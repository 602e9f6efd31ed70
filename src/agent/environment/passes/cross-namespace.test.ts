import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../../api/environment/environment.ts";
import { Failure } from "../../../model/failure.ts";
import { refuseCrossNamespaceRefs } from "./cross-namespace.ts";

const check = (namespace?: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name: "a",
  ...(namespace === undefined ? {} : { namespace }),
});
const environment = (...namespaces: readonly (string | undefined)[]) =>
  readEnvironment({
    metadata: { name: "shop", namespace: "team" },
    spec: { source: { url: "https://git.example.com/a.git" }, healthChecks: namespaces.map(check) },
  });

describe("references that leave the namespace", () => {
  test("those that do not may stay", () => {
    expect(() => refuseCrossNamespaceRefs(environment(undefined, "team"))).not.toThrow();
  });

  test("the others are named, each with its field", () => {
    const refused = () => refuseCrossNamespaceRefs(environment("team", "other", "third"));
    expect(refused).toThrow(Failure);
    expect(refused).toThrow(
      [
        "Environment/team/shop: spec.healthChecks[1].namespace: ConfigMap/other/a is in another namespace, which this agent does not allow (it runs with --no-cross-namespace-refs)",
        "Environment/team/shop: spec.healthChecks[2].namespace: ConfigMap/third/a is in another namespace, which this agent does not allow (it runs with --no-cross-namespace-refs)",
      ].join("\n"),
    );
  });
});

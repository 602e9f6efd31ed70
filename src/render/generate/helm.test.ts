import { describe, expect, test } from "vitest";
import { render, renderYaml } from "../render.ts";
import { memoryTree } from "../tree/memory-tree.ts";

const files = {
  "app/kustomization.yaml": `namespace: shop
helmCharts:
- name: cache
  releaseName: main
  valuesFile: values.yaml
  valuesInline: {replicas: 2, a.b: {c: [x]}}
  includeCRDs: true
- name: far
  repo: https://charts.example/
  version: 1.2.3
`,
  "app/values.yaml": "x: y\n",
  "app/charts/cache/Chart.yaml": "name: cache\n",
};

const printed = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, namespace: by-helm}\n";

describe("charts", () => {
  test("are refused by name where helm may not run", async () => {
    const outcome = render(memoryTree(files), "app");
    await expect(outcome).rejects.toMatchObject({ code: "ToolMissing" });
    await expect(outcome).rejects.toThrow("must specify --enable-helm: the chart 'cache'");
  });

  test("are rendered by helm, which keeps its namespaces", async () => {
    const calls: (readonly string[])[] = [];
    const helm = async (args: readonly string[]) => {
      calls.push(args);
      return calls.length === 1 ? printed : "";
    };
    const rendered = await render(memoryTree(files), "app", { helm });
    expect(renderYaml(rendered)).toContain("namespace: by-helm");
    expect(calls.map((args) => args.join(" "))).toEqual([
      'template main app/charts/cache --namespace shop -f app/values.yaml --set-json replicas=2 --set-json a\\.b={"c":["x"]} --include-crds',
      "template --generate-name far --repo https://charts.example/ --version 1.2.3 --namespace shop",
    ]);
  });

  test("are rendered where a builtin generator asks for them", async () => {
    const generator =
      "{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: g}, name: far, repo: https://x}";
    const inflating = memoryTree({ "kustomization.yaml": "generators: [chart.yaml]\n", "chart.yaml": generator });
    expect(renderYaml(await render(inflating, "", { helm: async () => printed }))).toContain("name: made");
    await expect(render(inflating, "")).rejects.toThrow("must specify --enable-helm: the chart 'far'");
  });

  test("do not take names for flags of helm", async () => {
    const hostile = { "kustomization.yaml": "helmCharts: [{name: --post-renderer=evil, repo: https://x}]\n" };
    await expect(render(memoryTree(hostile), "", { helm: async () => "" })).rejects.toThrow("must not start with '-'");
  });

  test("have no folders that helm takes for flags", async () => {
    const hostile = {
      "kustomization.yaml": "helmGlobals: {chartHome: --post-renderer=evil}\nhelmCharts: [{name: c}]\n",
      "--post-renderer=evil/c/Chart.yaml": "name: c\n",
    };
    const calls: (readonly string[])[] = [];
    const helm = async (args: readonly string[]) => {
      calls.push(args);
      return printed;
    };
    await render(memoryTree(hostile), "", { helm });
    expect(calls[0]?.slice(0, 3)).toEqual(["template", "--generate-name", "./--post-renderer=evil/c"]);
  });
});

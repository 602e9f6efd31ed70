import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { type Collect, passCounter, resourceGauges } from "./resource-metrics.ts";

const direct: Collect = (_, work) => work();
const linesOf = async (registry: Registry) => (await registry.metrics()).split("\n").filter((line) => /^m/.test(line));

test("a gauge shows the resources there are now, without those that have no value", async () => {
  const registry = new Registry();
  const of = (name: string, value: number | undefined) => ({ metadata: { namespace: "n", name }, value });
  let resources = [of("a", 1), of("b", 0), of("c", undefined)];
  resourceGauges(registry, () => resources, direct)("m", "M.", ({ value }) => value);
  expect(await linesOf(registry)).toEqual(['m{namespace="n",name="a"} 1', 'm{namespace="n",name="b"} 0']);
  resources = [of("b", 2)];
  expect(await linesOf(registry)).toEqual(['m{namespace="n",name="b"} 2']);
});

test("passes are counted by how they ended, and forgotten with their resource alone", async () => {
  const registry = new Registry();
  const passes = passCounter(registry, { name: "m_total", help: "M.", label: "outcome" });
  const [a, b] = [
    { namespace: "n", name: "a" },
    { namespace: "n", name: "b" },
  ];
  passes.pass(a, "Synced");
  passes.pass(a, "Synced");
  passes.pass(a, "Forbidden");
  passes.pass(b, "Synced");
  expect(await linesOf(registry)).toEqual([
    'm_total{namespace="n",name="a",outcome="Synced"} 2',
    'm_total{namespace="n",name="a",outcome="Forbidden"} 1',
    'm_total{namespace="n",name="b",outcome="Synced"} 1',
  ]);
  passes.gone(a);
  expect(await linesOf(registry)).toEqual(['m_total{namespace="n",name="b",outcome="Synced"} 1']);
});

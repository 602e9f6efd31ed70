import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { runMooring } from "../run-mooring.ts";

const source = (url: string) => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: apps}
spec: {interval: 1m, url: "${url}", ref: {branch: main}}
`;
const shop = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: apps}
spec: {interval: 10m, path: ./shop, prune: true, sourceRef: {kind: GitRepository, name: fleet}}
`;
const alert =
  "apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\nmetadata: {name: chat, namespace: apps}\n";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "mooring-migrate-"));
  await writeFile(join(dir, "source.yaml"), source("https://git.example.com/fleet.git"));
  await writeFile(join(dir, "shop.yaml"), `${shop}---\n${alert}`);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const environment = {
  apiVersion: "mooring.dev/v1alpha1",
  kind: "Environment",
  metadata: { name: "shop", namespace: "apps" },
  spec: {
    source: { url: "https://git.example.com/fleet.git", ref: { branch: "main" } },
    path: "./shop",
    interval: "1m",
    prune: true,
  },
};

test("migrate flux prints Environments, and what has no equivalent beside them", async () => {
  const { code, stdout, stderr } = await runMooring(["migrate", "flux", "."], { cwd: dir });
  expect(parse(stdout)).toEqual(environment);
  expect(stderr).toContain("shop.yaml: warning: Alert/apps/chat: has no equivalent\n");
  expect(code).toBe(0);
});

test("it writes a file for each, and reads what kubectl prints", async () => {
  const items = [source("https://git.example.com/fleet.git"), shop].map((text) => parse(text));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const run = await runMooring(["migrate", "flux", "-", "-o", "out"], { cwd: dir, stdin: list });
  expect(run).toEqual({ code: 0, stdout: "out/shop.yaml\n", stderr: "" });
  expect(parse(await readFile(join(dir, "out/shop.yaml"), "utf8"))).toEqual(environment);
});

test("it says where there is nothing to migrate", async () => {
  const { code, stderr } = await runMooring(["migrate", "flux", "source.yaml"], { cwd: dir });
  expect(code).toBe(1);
  expect(stderr).toContain("source.yaml contains no Flux Kustomization");
});

/** What somebody deletes during a wait is made again, each object by one request at a time. */
import { expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { never, settings } from "../../../test/rollout/objects.ts";
import { Failure } from "../../model/failure.ts";
import { type Remake, Remaker } from "./remaker.ts";

const web = manifestOf(settings("web")).id;
const api = manifestOf(settings("api")).id;

function remakerOf(remake: Remake) {
  const heard: unknown[] = [];
  const remaker = new Remaker(remake, {
    remade: (key, version) => heard.push([key, version]),
    failed: (failure) => heard.push(failure.code),
  });
  return { remaker, heard };
}

test.each([
  ["was made again", "7"],
  ["is still there", undefined],
])("it is told what came of it: it %s", async (_what, version) => {
  const { remaker, heard } = remakerOf(async () => version);
  await remaker.makeIfGone(web, never);
  expect(heard).toEqual([["shop_web__ConfigMap", version]]);
});

test("while one request runs there is no second one for the same object, and after it there is", async () => {
  const running: string[] = [];
  const gate = Promise.withResolvers<string>();
  const { remaker, heard } = remakerOf(async ({ name }) => {
    running.push(name);
    return gate.promise;
  });
  const first = remaker.makeIfGone(web, never);
  await remaker.makeIfGone(web, never);
  const other = remaker.makeIfGone(api, never);
  expect(running).toEqual(["web", "api"]);
  gate.resolve("7");
  await Promise.all([first, other]);
  await remaker.makeIfGone(web, never);
  expect(running).toEqual(["web", "api", "web"]);
  expect(heard).toHaveLength(3);
});

test.each<readonly [thrown: Error, heard: readonly string[]]>([
  [new Failure("AdmissionDenied", { message: "no" }), ["AdmissionDenied"]],
  [new Failure("QuotaExceeded", { message: "no" }), ["QuotaExceeded"]],
  [new TypeError("a bug"), ["Bug"]],
  // The way there: tried again at the next reassessment.
  [new Failure("ClusterUnreachable", { message: "no" }), []],
  [new Failure("Conflict", { message: "no" }), []],
  [new Failure("Interrupted", { message: "no" }), []],
])("%s ends the wait: %j", async (thrown, expected) => {
  const { remaker, heard } = remakerOf(() => Promise.reject(thrown));
  await remaker.makeIfGone(web, never);
  expect(heard).toEqual(expected);
  await remaker.makeIfGone(web, never);
  expect(heard).toEqual([...expected, ...expected]);
});

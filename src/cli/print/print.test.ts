import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { Action, Plan } from "../../model/plan.ts";
import { formatDocument, listOf } from "./documents.ts";
import { formatFailure, formatWarning } from "./failure.ts";
import { formatPlan } from "./plan.ts";
import { withProgress } from "./progress.ts";
import { forPeople, forReaders } from "./screen.ts";
import { plainStyle, styleFor } from "./style.ts";
import { formatTable } from "./table.ts";

test("a table stands as kubectl's do", () => {
  const rows = [
    ["production", "True", "main@sha1:0123456", "Healthy\nsince today"],
    ["staging", "False", "", "Failed"],
  ];
  expect(formatTable(["Name", "Ready", "Revision", "Status"], rows)).toBe(
    [
      "NAME         READY   REVISION            STATUS",
      "production   True    main@sha1:0123456   Healthy since today",
      "staging      False   <none>              Failed",
      "",
    ].join("\n"),
  );
});

describe("whole objects", () => {
  const list = listOf([{ kind: "Environment", metadata: { name: "a" } }]);
  test("as JSON", async () => {
    expect(JSON.parse(await formatDocument(list, "json"))).toEqual(list);
  });
  test("as YAML", async () => {
    expect(await formatDocument(list, "yaml")).toBe(
      'apiVersion: v1\nitems:\n  - kind: Environment\n    metadata:\n      name: a\nkind: List\nmetadata:\n  resourceVersion: ""\n',
    );
  });
});

describe("failures read like a compiler's errors", () => {
  const failure = new Failure("ObjectInvalid", [
    {
      message: "must be a number",
      file: "apps/web.yaml",
      line: 12,
      column: 3,
      object: "Deployment/shop/web",
      field: "spec.replicas",
      chain: ["overlays/production", "apps"],
      hint: "write 3 without quotes",
    },
    { message: "is there twice" },
  ]);
  test("place, object, field, message, and below the way there and the hint", () => {
    expect(formatFailure(failure, plainStyle, false)).toBe(
      [
        "apps/web.yaml:12:3: error: Deployment/shop/web: spec.replicas: must be a number",
        "  by way of overlays/production > apps",
        "  hint: write 3 without quotes",
        "error: is there twice",
        "",
      ].join("\n"),
    );
  });
  test("more with -v", () => {
    const verbose = formatFailure(new Failure("ClusterBusy", { message: "slow down" }), plainStyle, true);
    expect(verbose).toBe("error: slow down\n  code: ClusterBusy (retry: backoff)\n");
  });
  test("the cause of a bug is always there", () => {
    const bug = new Failure("Bug", { message: "internal error" }, { cause: new Error("the deeper cause") });
    expect(formatFailure(bug, plainStyle, false)).toContain("caused by: Error: the deeper cause");
  });
  test("warnings", () => {
    expect(formatWarning({ message: "is deprecated", file: "a/kustomization.yaml" }, plainStyle)).toBe(
      "a/kustomization.yaml: warning: is deprecated\n",
    );
  });
});

describe("colours", () => {
  test.each([
    ["auto", true, {}, true],
    ["auto", false, {}, false],
    ["auto", true, { NO_COLOR: "1" }, false],
    ["auto", true, { NO_COLOR: "" }, true],
    ["auto", true, { TERM: "dumb" }, false],
    ["always", false, { NO_COLOR: "1" }, true],
    ["never", true, {}, false],
  ] as const)("%s, terminal %s, %j: %s", (mode, isTerminal, env, coloured) => {
    expect(styleFor(mode, isTerminal, env).added("+") !== "+").toBe(coloured);
  });
});

describe("a plan", () => {
  const planned = (kind: string, name: string, action: Action) => ({
    id: { group: "", kind, namespace: "shop", name },
    version: "v1",
    stage: "",
    action,
  });
  const plan: Plan = {
    digest: "d1",
    actions: [
      { ...planned("ConfigMap", "new", { type: "create" }), origin: { file: "base/new.yaml", line: 1, chain: [] } },
      planned("Deployment", "web", {
        type: "update",
        changes: [
          { path: "/spec/replicas", from: 2, to: 5, manager: "kubectl-scale" },
          { path: "/metadata/annotations/example.com~1team", from: undefined, to: "blue" },
          { path: "/spec/template/spec/containers/0/args", from: ["--a"], to: undefined },
          { path: "/data/run.sh", from: "one\ntwo\n", to: "one\n2\n" },
        ],
      }),
      planned("Job", "migrate", { type: "recreate", changes: [], reason: "spec.template: field is immutable" }),
      planned("Secret", "kept", { type: "skip", reason: "reconcile: disabled" }),
      planned("Service", "same", { type: "unchanged" }),
      planned("PersistentVolumeClaim", "data", { type: "orphan", reason: "prune: disabled" }),
      planned("Service", "old", { type: "delete" }),
    ],
  };

  test("says what happens to every object, and why", () => {
    expect(formatPlan(plan, plainStyle)).toBe(
      [
        "+ ConfigMap/shop/new  # base/new.yaml:1",
        "~ Deployment/shop/web",
        "    ~ spec.replicas: 2 -> 5  (set by kubectl-scale)",
        '    + metadata.annotations["example.com/team"]: blue',
        '    - spec.template.spec.containers[0].args: ["--a"]',
        '    ~ data["run.sh"]:',
        "         one",
        "        -two",
        "        +2",
        "-/+ Job/shop/migrate: spec.template: field is immutable",
        "= Secret/shop/kept is left alone: reconcile: disabled",
        "! PersistentVolumeClaim/shop/data is kept: prune: disabled",
        "- Service/shop/old",
        "",
        "Plan: 1 to create, 1 to change, 1 to recreate, 1 to delete, 1 kept, 1 left alone, 1 unchanged",
        "Digest: d1",
        "",
      ].join("\n"),
    );
  });

  test("says that there is nothing to do", () => {
    expect(formatPlan({ actions: [], digest: "d0" }, plainStyle)).toBe("Plan: nothing to do\nDigest: d0\n");
  });

  test("says why it is held", () => {
    const hold = {
      reason: "1 of kind Namespace would be deleted",
      objects: [{ group: "", kind: "Namespace", namespace: "", name: "shop" }],
    };
    expect(formatPlan({ actions: [], digest: "d0", hold }, plainStyle)).toContain(
      "Held: 1 of kind Namespace would be deleted\n  - Namespace/shop\n",
    );
  });
});

describe("what leaves for a terminal", () => {
  const style = styleFor("always", false, {});
  const hostile = "\u001b]0;owned\u0007\u001b[31mred\u009b2J\u202egnp\u200b\u007f\r\ud800\u2028";
  const shown = "\\u001b]0;owned\\u0007\\u001b[31mred\\u009b2J\\u202egnp\\u200b\\u007f\\u000d\\ud800\\u2028";

  test("has no control character but our own", () => {
    expect(forPeople(`${style.added(hostile)}\n\t${hostile}`)).toBe(`\u001b[32m${shown}\u001b[39m\n\t${shown}`);
    expect(forPeople(style.faint(`a ${style.hint(hostile)} b`))).toBe(
      `\u001b[2ma \u001b[36m${shown}\u001b[39m b\u001b[22m`,
    );
  });

  test("has the letters of all languages", () => {
    const words = "Grüße, 日本語, עברית, עָרַב, 🚀";
    expect(forPeople(words)).toBe(words);
  });

  test("is a document as it is for a program, and visible for a person", () => {
    expect(forReaders(hostile, false)).toBe(hostile);
    expect(forReaders(hostile, true)).toBe(shown);
    expect(forReaders(new TextEncoder().encode("a\u001b"), true)).toBe("a\\u001b");
    const json = JSON.stringify({ "\u202e": hostile });
    expect(JSON.parse(String(forReaders(json, true)))).toEqual(JSON.parse(json));
  });
});

describe("progress", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const recorder = (isTerminal: boolean) => {
    const written: string[] = [];
    return {
      written,
      output: {
        isTerminal,
        style: plainStyle,
        write: (text: string) => void written.push(forPeople(text)),
        writeData: () => {},
      },
    };
  };

  test("shows after a second on a terminal, follows what is said, and leaves nothing behind", async () => {
    const { written, output } = recorder(true);
    const result = await withProgress(output, "Fetching", async (say) => {
      say("Planning");
      await vi.advanceTimersByTimeAsync(1_000);
      return "done";
    });
    expect(result).toBe("done");
    expect(written[0]).toBe("\r\u001b[K⠋ Planning 1s");
    expect(written.at(-1)).toBe("\r\u001b[K");
  });

  test("shows nothing elsewhere", async () => {
    const { written, output } = recorder(false);
    await withProgress(output, "Fetching", async () => void (await vi.advanceTimersByTimeAsync(60_000)));
    expect(written).toEqual([]);
  });
});

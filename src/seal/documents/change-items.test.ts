import { describe, expect, test } from "vitest";
import { digestOf } from "../sealed-secret/seal-annotation.ts";
import type { SealedItem } from "../sealing/seal.ts";
import { changeItems, type ItemChanges, refuseListMember } from "./change-items.ts";
import { sealedDocuments } from "./sealed-documents.ts";
import { missingItems } from "./template-items.ts";

const item = (text: string, key = "K"): SealedItem => {
  return { text, record: { key, label: "shop/db", digest: digestOf(text) } };
};

const annotation = (items: Readonly<Record<string, string>>, key = "K") =>
  JSON.stringify({
    v: 1,
    key,
    label: "shop/db",
    items: Object.fromEntries(Object.entries(items).map(([name, text]) => [name, digestOf(text)])),
  });

const plain = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db # ours
  namespace: shop
spec:
  encryptedData:
    password: AgA=
    user: AgB=
`;

const annotated = plain.replace(
  "  namespace: shop\n",
  `  namespace: shop\n  annotations:\n    mooring.dev/sealed: '${annotation({ password: "AgA=", user: "AgB=" })}'\n`,
);

function change(text: string, changes: ItemChanges): string {
  const [document] = sealedDocuments(text, "a.yaml");
  if (document === undefined) throw new Error("no document");
  return changeItems(text, document, changes);
}

describe("every other byte stays, and the seal annotation follows", () => {
  test("a value sealed anew", () => {
    expect(change(annotated, { set: new Map([["user", item("AgC=")]]) })).toBe(
      annotated
        .replace("user: AgB=", "user: AgC=")
        .replace(annotation({ password: "AgA=", user: "AgB=" }), annotation({ password: "AgA=", user: "AgC=" })),
    );
  });

  test("a value added, where there is no annotation yet", () => {
    const text = change(plain, { set: new Map([["token", item("AgC=")]]) });
    expect(text).toContain("    password: AgA=\n    token: AgC=\n    user: AgB=\n");
    expect(text).toContain("  name: db # ours\n");
    expect(text).toContain(annotation({ token: "AgC=" }));
  });

  test("a value removed", () => {
    expect(change(annotated, { remove: ["user"] })).toBe(
      annotated
        .replace("    user: AgB=\n", "")
        .replace(annotation({ password: "AgA=", user: "AgB=" }), annotation({ password: "AgA=" })),
    );
  });

  test("a value renamed keeps its digest", () => {
    expect(change(annotated, { rename: new Map([["user", "login"]]) })).toBe(
      annotated
        .replace("    user:", "    login:")
        .replace(annotation({ password: "AgA=", user: "AgB=" }), annotation({ login: "AgB=", password: "AgA=" })),
    );
  });

  test("the last value removed takes the annotation with it, and the map where it was the only one", () => {
    const text = change(annotated, { remove: ["user", "password"] });
    expect(text).toBe(plain.replace("    password: AgA=\n    user: AgB=\n", "    {}\n"));
  });

  test("but not another annotation", () => {
    const text = annotated.replace("  annotations:\n", "  annotations:\n    a: b\n");
    expect(change(text, { remove: ["user", "password"] })).toContain("  annotations:\n    a: b\nspec:");
  });

  test("nothing to change changes nothing", () => {
    expect(change(annotated, {})).toBe(annotated);
  });

  test("further edits go along", () => {
    const path = ["metadata", "annotations", "mooring.dev/algorithm"];
    const text = change(annotated, {
      set: new Map([["user", item("AgC=")]]),
      also: [{ type: "set", path, value: "x25519" }],
    });
    expect(text).toContain("mooring.dev/algorithm: x25519\n");
  });
});

describe("items that a template uses are not taken away", () => {
  const templated = `${plain}  template:\n    data:\n      url: db://{{ .user }}:{{ .password | default "x" }}@db\n      broken: "{{ .pass"\n`;

  test.each([
    ["removed", { remove: ["user"] }],
    ["renamed", { rename: new Map([["user", "login"]]) }],
    ["with a default", { remove: ["password"] }],
  ] as const)("%s", (_what, changes) => {
    expect(() => change(templated, changes)).toThrow(
      /^a\.yaml:1: SealedSecret\/db: spec\.template\.data\.url: uses the item \w+; nothing was changed \(change the template first, then the item\)$/m,
    );
  });

  test("but may be sealed anew, and others may go", () => {
    const extra = templated.replace("    user: AgB=\n", "    user: AgB=\n    zebra: AgD=\n");
    expect(change(extra, { set: new Map([["user", item("AgC=")]]), remove: ["zebra"] })).toContain("    user: AgC=\n");
  });

  test("what a template needs and is missing is reported, with a default it is not", () => {
    const [document] = sealedDocuments(templated, "a.yaml");
    if (document === undefined) return expect.unreachable("no document");
    expect(missingItems(document, { password: "x", user: "y" })).toEqual([]);
    expect(missingItems(document, {})).toEqual([
      {
        field: "spec.template.data.url",
        message: "uses the item user, which is missing",
        hint: "was it renamed or removed? Correct the name, or seal it with `mooring secrets set`",
      },
    ]);
  });
});

test("a member of a list is read, and not changed in place", () => {
  const text = `kind: List\nitems:\n${plain.replace(/^/gm, "    ").replace("    api", "  - api").trimEnd()}\n`;
  const [document] = sealedDocuments(text, "a.yaml");
  if (document === undefined) return expect.unreachable("no document");
  expect(() => refuseListMember(document)).toThrow("a.yaml:3: SealedSecret/db: is in a list");
  expect(() => changeItems(text, document, { remove: ["user"] })).toThrow("is in a list");
});

test("one that is not well-formed is not changed", () => {
  expect(() => change(plain.replace("user: AgB=", "user: 5"), { remove: ["password"] })).toThrow("must be a string");
});

import { describe, expect, test } from "vitest";
import type { Manifest } from "../model/manifest.ts";
import type { Rights } from "./rights.ts";
import { createVoucher } from "./voucher.ts";

const signal = new AbortController().signal;

function sealed(name: string, digest = "1", data = {}): Manifest {
  const spec = { encryptedData: { password: "AgA" }, template: { data } };
  const metadata = { name, namespace: "shop" };
  return {
    id: { group: "bitnami.com", kind: "SealedSecret", namespace: "shop", name },
    object: { apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret", metadata, spec },
    origin: { file: "db.yaml", chain: [] },
    sensitive: false,
    digest,
  };
}

/** Rights that hold these verbs, and what they were asked. */
function rights(...granted: readonly string[]) {
  const asked: string[] = [];
  const value: Rights = {
    who: "system:serviceaccount:team-a:deployer",
    async allow(verbs, { resource, namespace, name }) {
      asked.push(`${verbs.join(",")} ${resource} ${namespace}/${name}`);
      return verbs.every((verb) => granted.includes(verb));
    },
  };
  return { value, asked };
}

describe("what may be opened for an Environment", () => {
  test("is what its identity may write as a Secret, asked once as long as the content stays", async () => {
    const { value, asked } = rights("create", "patch");
    const vouch = createVoucher({ rights: value, leaves: false });
    for (let pass = 1; pass <= 3; pass += 1) await vouch([sealed("db")], signal);
    expect(asked).toEqual(["create,patch secrets shop/db"]);
    await vouch([sealed("db", "2")], signal);
    await vouch([sealed("db")], signal);
    expect(asked).toHaveLength(3);
  });

  test("is nothing for who may only make it, or only change it", async () => {
    for (const one of ["create", "patch", "get"]) {
      const vouch = createVoucher({ rights: rights(one).value, leaves: false });
      await expect(vouch([sealed("db")], signal)).rejects.toMatchObject({
        code: "Forbidden",
        message:
          "db.yaml: SealedSecret/shop/db: is not opened: system:serviceaccount:team-a:deployer may not create and patch the Secret shop/db (a sealed secret is opened only for an identity that may write its Secret: grant that permission, or remove the object)",
      });
    }
  });

  test("takes the right to read as well, where a template or another cluster could tell of the values", async () => {
    const writer = rights("create", "patch").value;
    const templated = sealed("db", "1", { url: "{{ .password }}" });
    const here = createVoucher({ rights: writer, leaves: false });
    await expect(here([templated], signal)).rejects.toThrow("may not get, create and patch the Secret shop/db");
    const elsewhere = createVoucher({ rights: writer, leaves: true });
    await expect(elsewhere([sealed("db")], signal)).rejects.toThrow(
      "may not get, create and patch the Secret shop/db in the agent's own cluster",
    );
    const reader = createVoucher({ rights: rights("get", "create", "patch").value, leaves: true });
    await reader([sealed("db"), templated], signal);
  });

  test("is nothing where nobody of this cluster stands for it, and the refusal says what to do", async () => {
    const vouch = createVoucher({ rights: undefined, leaves: true });
    await expect(vouch([sealed("db")], signal)).rejects.toMatchObject({
      code: "Forbidden",
      message: expect.stringMatching(
        /^db\.yaml: SealedSecret\/shop\/db: is not opened: .*kubeConfig.*\(set serviceAccountName/,
      ),
    });
    expect(await vouch([], signal)).toEqual([]);
  });

  test("is asked anew after a refusal", async () => {
    const granted: string[] = [];
    const value: Rights = { who: "x", allow: async (verbs) => verbs.every((verb) => granted.includes(verb)) };
    const vouch = createVoucher({ rights: value, leaves: false });
    await expect(vouch([sealed("db")], signal)).rejects.toThrow("is not opened");
    granted.push("create", "patch");
    await vouch([sealed("db")], signal);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "../../src/api/sealed-secret.ts";
import type { JsonObject } from "../../src/model/json/json.ts";

/** A Secret that kubeseal 0.27.1 sealed, and what its `--recovery-unseal` gives. */
export interface KubesealFixture {
  readonly scope: Scope;
  readonly sealed: string;
  readonly plain: JsonObject;
}

interface Fixtures {
  readonly certificate: string;
  readonly privateKey: string;
  readonly files: readonly KubesealFixture[];
}

/** The Secret `shop/db` in each scope, with the certificate and the private key that OpenSSL made for it. */
export const kubesealFixtures: Fixtures = JSON.parse(
  readFileSync(join(import.meta.dirname, "kubeseal-files.json"), "utf8"),
);

import { readFile } from "node:fs/promises";
import { Pool } from "undici";
import { inParallel } from "../../../src/model/async/in-parallel.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { appObjects } from "./apps.ts";

const connections = 16;

const collections: Readonly<Record<string, string>> = {
  ServiceAccount: "/api/v1/namespaces/NS/serviceaccounts",
  Deployment: "/apis/apps/v1/namespaces/NS/deployments",
  Service: "/api/v1/namespaces/NS/services",
  Ingress: "/apis/networking.k8s.io/v1/namespaces/NS/ingresses",
};

/**
 * What no program can be faster than: the seconds in which a bare HTTP client server-side-applies the objects of N apps
 * to a namespace, over 16 warm connections.
 */
export async function measureFloor(controlPlane: ControlPlane, count: number, namespace: string): Promise<number> {
  const ca = await readFile(controlPlane.caFile, "utf8");
  const pool = new Pool(controlPlane.server, { connections, connect: { ca } });
  const apply = async (object: KubeObject, dryRun: boolean): Promise<void> => {
    const collection = (collections[object.kind] ?? "").replace("NS", namespace);
    const { statusCode, body } = await pool.request({
      method: "PATCH",
      path: `${collection}/${object.metadata.name}?fieldManager=floor&force=true${dryRun ? "&dryRun=All" : ""}`,
      headers: {
        authorization: `Bearer ${controlPlane.adminToken}`,
        "content-type": "application/apply-patch+yaml",
      },
      body: JSON.stringify(object),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`the floor's apply was answered with ${statusCode}: ${text}`);
  };
  const { signal } = new AbortController();
  try {
    const warmUp = Array.from({ length: connections }, (_, n) => appObjects(`warm-${n}`, namespace)).flat();
    await inParallel(warmUp, connections, (object) => apply(object, true), signal);
    const objects = Array.from({ length: count }, (_, n) => appObjects(`floor-${n}`, namespace)).flat();
    const started = performance.now();
    await inParallel(objects, connections, (object) => apply(object, false), signal);
    return (performance.now() - started) / 1000;
  } finally {
    await pool.close();
  }
}

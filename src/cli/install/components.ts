import type { KubeObject } from "../../model/manifest.ts";
import { compareForApply } from "../../plan/index.ts";
import { memoryTree, render, renderYaml, toManifests } from "../../render/index.ts";
import { programVersion } from "../version.ts";
import files from "./manifests.json" with { type: "json" };

/** What the agent is made of in a cluster. */
export interface Components {
  /** CRDs and the Namespace first. */
  readonly objects: readonly KubeObject[];
  /** The same as a file to commit or to apply. */
  readonly yaml: string;
}

/** The name of the agent's Deployment, ServiceAccount, Service and roles. */
export const agentName = "mooring-agent";

/** Its objects in a namespace, with the image of this version or another one: what `manifests/` holds. */
export async function agentComponents(
  namespace: string,
  { image }: { readonly image?: string | undefined } = {},
): Promise<Components> {
  const tree = memoryTree({
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`manifests/${path}`, text])),
    "kustomization.yaml": JSON.stringify({
      resources: ["manifests"],
      namespace,
      patches: image === undefined ? [] : [imagePatch(image)],
    }),
  });
  const rendered = await render(tree, "");
  const manifests = [...toManifests(rendered)].sort((a, b) => compareForApply(a.id, b.id));
  const header = `# Mooring ${programVersion}, as "mooring install --export" prints it.\n`;
  return { objects: manifests.map(({ object }) => object), yaml: header + renderYaml(rendered) };
}

function imagePatch(image: string) {
  const patch = [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: image }];
  return { target: { kind: "Deployment", name: agentName }, patch: JSON.stringify(patch) };
}

import { posix } from "node:path";
import { apiVersion } from "../../api/names.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatDocument } from "../print/documents.ts";

/** The Secret with which the agent fetches its own repository. */
export const gitSecretName = "git-auth";

/** What the agent is to follow, to manage itself. */
export interface Wanted {
  readonly namespace: string;
  readonly url: string;
  readonly branch: string;
  /** From the root of the repository; empty for the root itself. */
  readonly path: string;
  readonly secret: boolean;
}

/**
 * The Environment through which the agent manages itself; named after its namespace. It is deleted without its objects, or
 * the agent would delete itself. Other Environments in the folder have verdicts of their own: it does not wait for them,
 * nor for itself.
 */
export function selfEnvironment({ namespace, url, branch, path, secret }: Wanted): KubeObject {
  return {
    apiVersion,
    kind: "Environment",
    metadata: { name: namespace, namespace },
    spec: {
      source: { url, ref: { branch }, ...(secret ? { secretRef: { name: gitSecretName } } : {}) },
      path: `./${path}`,
      deletionPolicy: "Orphan",
      healthCheckExprs: [{ apiVersion, kind: "Environment", current: "true" }],
    },
  };
}

/** Files by their path from the root of the repository. `keep`: written only where there is none, to be edited. */
export interface RepositoryFile {
  readonly path: string;
  readonly text: string;
  readonly keep: boolean;
}

/** The folder in the repository that holds the agent: named after its namespace, in the folder it follows. */
function agentFolder({ path, namespace }: Wanted): string {
  return posix.join(path, namespace);
}

/** What is committed: the agent's objects, the Environment, and the kustomization that names both. */
export async function repositoryFiles(wanted: Wanted, agentYaml: string): Promise<readonly RepositoryFile[]> {
  const folder = agentFolder(wanted);
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: ["agent.yaml", "environment.yaml"],
  };
  return [
    { path: `${folder}/agent.yaml`, text: agentYaml, keep: false },
    { path: `${folder}/environment.yaml`, text: await formatDocument(selfEnvironment(wanted), "yaml"), keep: false },
    { path: `${folder}/kustomization.yaml`, text: await formatDocument(kustomization, "yaml"), keep: true },
  ];
}

import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { type KubeClient, KubeError } from "../kube-client.ts";
import type { MissingReferences } from "./pod-status.ts";

/** A ConfigMap or Secret that must exist, and the keys that must be in it. */
interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly keys: readonly string[];
}

interface RefSource {
  readonly name?: string;
  readonly optional?: boolean;
}

interface KeySource extends RefSource {
  readonly key: string;
}

type Lookup = (reference: Reference) => Promise<string | undefined>;

/** Whether the pod refers to nothing at all, so that nothing needs to be asked. */
export function refersToNothing(pod: V1Pod): boolean {
  return (
    volumeReferences(pod).length === 0 && containersOf(pod).every((one) => environmentReferences(one).length === 0)
  );
}

/** What the pod refers to, is not optional and is not there, worded as `makeEnvironmentVariables` does (`pkg/kubelet/kubelet_pods.go`). */
export async function findMissing(client: KubeClient, pod: V1Pod): Promise<MissingReferences> {
  const lookup = createLookup(client, pod.metadata?.namespace ?? "default");
  const volumes = await firstProblem(volumeReferences(pod), lookup);
  const environment = new Map<string, string>();
  for (const container of containersOf(pod)) {
    const problem = await firstProblem(environmentReferences(container), lookup);
    if (problem !== undefined) environment.set(container.name, problem);
  }
  return { volumes: volumes !== undefined, environment };
}

function containersOf(pod: V1Pod): readonly V1Container[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
}

function environmentReferences(container: V1Container): readonly Reference[] {
  const whole = (container.envFrom ?? []).flatMap((source) => [
    ...reference("ConfigMap", source.configMapRef, []),
    ...reference("Secret", source.secretRef, []),
  ]);
  const single = (container.env ?? []).flatMap(({ valueFrom }) => [
    ...keyReference("ConfigMap", valueFrom?.configMapKeyRef),
    ...keyReference("Secret", valueFrom?.secretKeyRef),
  ]);
  return [...whole, ...single];
}

/** Without the projected volume that every pod gets for its token: its ConfigMap is made by the controllers. */
function volumeReferences(pod: V1Pod): readonly Reference[] {
  return (pod.spec?.volumes ?? []).flatMap(({ name, configMap, secret, projected }) => {
    const secretSource = secret === undefined ? undefined : { ...secret, name: secret.secretName ?? "" };
    const sources = name.startsWith("kube-api-access-") ? [] : (projected?.sources ?? []);
    return [
      ...reference("ConfigMap", configMap, keysOf(configMap?.items)),
      ...reference("Secret", secretSource, keysOf(secret?.items)),
      ...sources.flatMap((source) => [
        ...reference("ConfigMap", source.configMap, keysOf(source.configMap?.items)),
        ...reference("Secret", source.secret, keysOf(source.secret?.items)),
      ]),
    ];
  });
}

function keysOf(items: readonly { readonly key: string }[] | undefined): readonly string[] {
  return (items ?? []).map(({ key }) => key);
}

function keyReference(kind: Reference["kind"], source: KeySource | undefined): readonly Reference[] {
  return source === undefined ? [] : reference(kind, source, [source.key]);
}

function reference(
  kind: Reference["kind"],
  source: RefSource | undefined,
  keys: readonly string[],
): readonly Reference[] {
  return source === undefined || source.optional === true ? [] : [{ kind, name: source.name ?? "", keys }];
}

async function firstProblem(references: readonly Reference[], lookup: Lookup): Promise<string | undefined> {
  for (const one of references) {
    const problem = await lookup(one);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function createLookup(client: KubeClient, namespace: string): Lookup {
  return async ({ kind, name, keys }) => {
    const path = `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
    try {
      const object = await client.request<{ data?: object; binaryData?: object }>("GET", path);
      const missing = keys.find((key) => !(key in { ...object.data, ...object.binaryData }));
      return missing === undefined ? undefined : `couldn't find key ${missing} in ${kind} ${namespace}/${name}`;
    } catch (thrown) {
      if (thrown instanceof KubeError && thrown.status === 404) return `${kind.toLowerCase()} "${name}" not found`;
      throw thrown;
    }
  };
}

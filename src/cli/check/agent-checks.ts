import { isDeepStrictEqual } from "node:util";
import { sealingKeyLabel } from "../../api/sealed-secret.ts";
import { type Cluster, refOf } from "../../cluster/index.ts";
import { assess, describeCause } from "../../health/index.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { agentName } from "../install/components.ts";
import { findAgent } from "../install/installed.ts";
import { programVersion } from "../version.ts";
import { type Check, type Finding, ok, wrong } from "./finding.ts";

const installHint = "run mooring install; where the agent manages itself, mooring bootstrap";

/** What has to be true of an installation. */
export function agentChecks(
  cluster: Cluster,
  components: readonly KubeObject[],
  namespace: string,
  signal: AbortSignal,
): readonly Check[] {
  const definitions = components.filter(({ kind }) => kind === "CustomResourceDefinition");
  return [
    ...definitions.map((definition): Check => {
      const name = stringAt(definition, "spec", "names", "kind") ?? definition.metadata.name;
      return { name: `CRD ${name}`, look: () => checkDefinition(cluster, definition, signal) };
    }),
    { name: "agent", look: () => checkAgent(cluster, namespace, signal) },
    { name: "agent's version", look: () => checkAgentVersion(cluster, namespace, signal) },
    { name: "agent's permissions", look: () => checkRights(cluster, components, namespace, signal) },
    { name: "sealing keys", look: () => checkKeys(cluster, namespace, signal) },
  ];
}

type Look = Promise<Omit<Finding, "check">>;

async function checkDefinition(cluster: Cluster, definition: KubeObject, signal: AbortSignal): Look {
  const live = await cluster.get(refOf(definition), signal);
  if (live === undefined) throw wrong("is not there", installHint);
  const verdict = assess({ object: live, pods: [], events: [] }, new Date());
  if (verdict.state !== "current") throw wrong(verdict.message, "see kubectl describe crd");
  const applied = await cluster.apply(definition, { dryRun: true, force: true }, signal);
  if (isDeepStrictEqual(live.spec, applied.object.spec)) return ok("matches this version");
  return { status: "warning", message: `does not match version ${programVersion}`, hint: installHint };
}

async function checkAgent(cluster: Cluster, namespace: string, signal: AbortSignal): Look {
  const agent = await findAgent(cluster, namespace, signal);
  if (agent === undefined) throw wrong(`there is no Deployment ${namespace}/${agentName}`, installHint);
  const verdict = assess({ object: agent, pods: [], events: [] }, new Date());
  if (verdict.state === "current") return ok("is ready");
  const cause = "cause" in verdict && verdict.cause !== undefined ? describeCause(verdict.cause) : verdict.message;
  throw wrong(cause, `see kubectl -n ${namespace} describe pods`);
}

async function checkAgentVersion(cluster: Cluster, namespace: string, signal: AbortSignal): Look {
  const agent = await findAgent(cluster, namespace, signal);
  const containers = listAt(agent, "spec", "template", "spec", "containers");
  const image = stringAt(containers[0], "image") ?? "none";
  const tag = /:([^/:@]+)(?:@|$)/.exec(image)?.[1];
  if (tag === programVersion) return ok(`${image}, the version of this program`);
  const message = `runs the image ${image}, and this program is ${programVersion}`;
  return { status: "warning", message, hint: "plans of different versions may differ; use the same version" };
}

/** The rules that the installation grants it, asked as the agent. Needs the right to impersonate it. */
async function checkRights(
  cluster: Cluster,
  components: readonly KubeObject[],
  namespace: string,
  signal: AbortSignal,
): Look {
  const self = { verb: "impersonate", group: "", resource: "serviceaccounts", namespace };
  if (!(await cluster.allowed(self, signal))) {
    const hint = "run it as a user who may impersonate service accounts";
    return { status: "warning", message: "unknown: you may not impersonate the agent", hint };
  }
  const agent = cluster.impersonate({ user: `system:serviceaccount:${namespace}:${agentName}` });
  const refused = new Set<string>();
  for (const deed of components.flatMap(deedsOf)) {
    if (!(await agent.allowed(deed, signal))) refused.add(`${deed.verb} ${deed.resource}`);
  }
  if (refused.size === 0) return ok("sufficient for the agent");
  throw wrong(`it may not ${[...refused].join(", ")}`, installHint);
}

function deedsOf(object: KubeObject) {
  const { namespace } = object.metadata;
  const texts = (rule: unknown, key: string) => listAt(rule, key).map(String);
  return listAt(object, "rules").flatMap((rule) =>
    texts(rule, "apiGroups").flatMap((group) =>
      texts(rule, "resources").flatMap((resource) =>
        texts(rule, "verbs").map((verb) => ({
          verb,
          group,
          resource,
          ...(namespace === undefined ? {} : { namespace }),
        })),
      ),
    ),
  );
}

async function checkKeys(cluster: Cluster, namespace: string, signal: AbortSignal): Look {
  const type = await cluster.resource("v1", "Secret", signal);
  if (type === undefined) throw wrong("the cluster serves no Secrets", "turn that API on");
  const { items } = await cluster.list(type, { namespace, labelSelector: sealingKeyLabel, metadataOnly: true }, signal);
  if (items.length > 0) return ok(`${items.length} in ${namespace}`);
  throw wrong(`there are none in ${namespace}`, "the agent creates one when it becomes leader: see its log");
}

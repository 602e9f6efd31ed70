import type { IncomingMessage } from "node:http";
import type { Environment } from "../../../api/environment/environment.ts";
import { apiVersion, pushedAnnotation } from "../../../api/names.ts";
import { createRateLimit } from "../../../clock/index.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { toFailure } from "../../../model/failure.ts";
import type { Log } from "../../log.ts";
import { hookPath, readHookToken } from "./path.ts";
import { isFromSender } from "./signature.ts";

/** Answers a call of a webhook with a status. */
export type Receive = (path: string, request: IncomingMessage) => Promise<number>;

/** As long as a request may take, the calls to the API server included. */
const timeoutMs = 20_000;
/** For so long a token is not read again, so that whoever calls often costs the API server little. */
const tokenMs = 10_000;
/** For each path, and each kind of answer. */
const callRate = { burst: 10, intervalMs: 2_000 };

/**
 * Takes the calls of Git servers, whether this agent leads or not: what it does about one that is signed with the token is
 * to annotate the Environment, and the agent that leads sees it. Answers 202 then; 404 for a path that is nobody's, 401
 * where the signature is wrong or absent, 413 and 429 for what is too much, 503 where it should be sent again. Calls that
 * are refused do not count against those that are not.
 */
export function webhookReceiver(cluster: Cluster, environments: () => readonly Environment[], log: Log): Receive {
  const limit = createRateLimit(callRate, () => performance.now());
  const tokens = new Map<string, { readonly token: string | undefined; readonly at: number }>();

  const tokenOf = async (path: string, environment: Environment, signal: AbortSignal): Promise<string | undefined> => {
    const known = tokens.get(path);
    if (known !== undefined && performance.now() - known.at < tokenMs) return known.token;
    const token = await readHookToken(cluster, environment, signal);
    for (const [each, { at }] of tokens) if (performance.now() - at >= tokenMs) tokens.delete(each);
    tokens.set(path, { token, at: performance.now() });
    return token;
  };

  const receive = async (path: string, request: IncomingMessage, signal: AbortSignal): Promise<number> => {
    if (request.method !== "POST") return 405;
    const environment = environments().find(({ spec, status }) => {
      return spec.source.webhook !== undefined && status.webhookPath === path;
    });
    if (environment === undefined) return 404;
    const token = await tokenOf(path, environment, signal);
    // The token was changed, and the status does not say so yet.
    if (token === undefined || hookPath(token, environment.metadata) !== path) return 404;
    const answer = await isFromSender(request.headers, request, token);
    if (!limit.take(`${answer} ${path}`)) return 429;
    if (answer !== "yes") return answer === "tooLarge" ? 413 : 401;
    await annotate(cluster, environment, signal);
    log.info({ environment: nameOf(environment) }, "a webhook reported a push");
    return 202;
  };

  return async (path, request) => {
    try {
      return await receive(path, request, AbortSignal.timeout(timeoutMs));
    } catch (thrown) {
      log.warn({ code: toFailure(thrown).code }, "the call of a webhook could not be answered");
      return 503;
    }
  };
}

async function annotate(cluster: Cluster, { metadata }: Environment, signal: AbortSignal): Promise<void> {
  const ref = { apiVersion, kind: "Environment", namespace: metadata.namespace, name: metadata.name };
  const body = { metadata: { annotations: { [pushedAnnotation]: new Date().toISOString() } } };
  await cluster.patch(ref, { type: "merge", body }, {}, signal);
}

function nameOf({ metadata }: Environment): string {
  return `${metadata.namespace}/${metadata.name}`;
}

import { groupOf } from "../model/object-id.ts";
import type { Cluster } from "./cluster.ts";
import { listAll } from "./list.ts";
import { allowed, serverVersion } from "./questions.ts";
import { readLogs, readObject } from "./reading.ts";
import { forgetting, type Session } from "./session.ts";
import { openWatch } from "./watch-stream.ts";
import { applyObject, createObject, deleteObject, patchObject, updateObject } from "./writing.ts";

/** The operations of a cluster over a session. */
export function clusterOver(session: Session): Cluster {
  const { connection, discovery } = session;
  const about = <T>(of: { readonly apiVersion: string }, work: Promise<T>) =>
    forgetting(session, groupOf(of.apiVersion), work);
  return {
    server: connection.server,
    defaultNamespace: session.defaultNamespace,
    version: (signal) => serverVersion(connection, signal),
    allowed: (deed, signal) => allowed(connection, deed, signal),
    resource: (apiVersion, kind, signal) => discovery.find(apiVersion, kind, signal),
    kinds: (signal) => discovery.all(signal),
    get: (ref, signal) => about(ref, readObject(session, ref, signal)),
    list: (type, options, signal) => forgetting(session, type.group, listAll(connection, type, options, signal)),
    apply: (object, options, signal) => about(object, applyObject(session, object, options, signal)),
    patch: (ref, patch, options, signal) => about(ref, patchObject(session, ref, { patch, options }, signal)),
    create: (object, signal) => about(object, createObject(session, object, signal)),
    update: (object, options, signal) => about(object, updateObject(session, object, options, signal)),
    delete: (ref, options, signal) => about(ref, deleteObject(session, ref, options, signal)),
    podLogs: (pod, options, signal) => readLogs(session, pod, options, signal),
    watch: (type, options, signal) => openWatch(connection, type, options, signal),
    impersonate: (who) => ({
      ...clusterOver({ ...session, connection: connection.impersonate(who) }),
      close: async () => undefined,
    }),
    onReturn: (listener) => connection.onReturn(listener),
    stats: () => connection.counts(),
    close: () => connection.close(),
  };
}

import type { Cluster } from "../cluster.ts";
import { allowed, serverVersion } from "./access-reviews.ts";
import { listAll, readLatestVersion } from "./list.ts";
import { readLogs, readObject } from "./reading.ts";
import { invalidateIfUnknown, rediscoverIfUnknown, type Session, withRediscovery } from "./session.ts";
import { openWatch } from "./watch-stream.ts";
import { applyObject, createObject, deleteObject, patchObject, updateObject } from "./writing.ts";

/** The operations of a cluster over a session. */
export function clusterOver(session: Session): Cluster {
  const { connection, discovery } = session;
  return {
    server: connection.server,
    memory: connection.memory,
    defaultNamespace: session.defaultNamespace,
    version: (signal) => serverVersion(connection, signal),
    allowed: (review, signal) => allowed(connection, review, signal),
    resource: (apiVersion, kind, signal) => discovery.find(apiVersion, kind, signal),
    kinds: (signal) => discovery.all(signal),
    get: (ref, signal) => withRediscovery(session, ref, () => readObject(session, ref, signal), signal),
    list: (type, options, signal) =>
      rediscoverIfUnknown(session, type, listAll(connection, type, options, signal), signal),
    latestVersion: (type, options, signal) =>
      rediscoverIfUnknown(session, type, readLatestVersion(connection, type, options, signal), signal),
    apply: (object, options, signal) =>
      withRediscovery(session, object, () => applyObject(session, object, options, signal), signal),
    patch: (ref, patch, options, signal) =>
      withRediscovery(session, ref, () => patchObject(session, ref, { patch, options }, signal), signal),
    create: (object, signal, options = {}) =>
      withRediscovery(session, object, () => createObject(session, object, options, signal), signal),
    update: (object, options, signal) =>
      withRediscovery(session, object, () => updateObject(session, object, options, signal), signal),
    delete: (ref, options, signal) =>
      withRediscovery(session, ref, () => deleteObject(session, ref, options, signal), signal),
    podLogs: (pod, options, signal) => readLogs(session, pod, options, signal),
    watch: (type, options, signal) => invalidateIfUnknown(session, type, openWatch(connection, type, options, signal)),
    impersonate: (who) => ({
      ...clusterOver({ ...session, connection: connection.impersonate(who) }),
      close: async () => undefined,
    }),
    onRecovery: (listener) => connection.onRecovery(listener),
    stats: () => connection.counts(),
    close: () => connection.close(),
  };
}

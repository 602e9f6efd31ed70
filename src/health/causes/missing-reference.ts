/**
 * Tells whether the kubelet (or the scheduler, for a claim) misses something that the pod names: an object or a key of
 * one. The words are those of kubernetes pkg/kubelet/kubelet_pods.go, pkg/volume/configmap and pkg/volume/secret.
 */
export function isMissingReference(message: string): boolean {
  return /(secret|configmap|persistentvolumeclaim) "[^"]+" not found|couldn't find key|references non-existent/i.test(
    message,
  );
}

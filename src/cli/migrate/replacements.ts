import { ownMember } from "../../model/json/json.ts";

/** What stands for the kinds of Flux that are not migrated, in a few words each. */
const replacements: Readonly<Record<string, string>> = {
  HelmRelease:
    "commit what helm template prints, or leave Flux's helm-controller at work: an Environment applies HelmReleases like other objects",
  HelmRepository: "it belongs to HelmReleases",
  HelmChart: "it belongs to HelmReleases",
  OCIRepository: "put what it holds into a Git repository",
  Bucket: "put what it holds into a Git repository",
  ExternalArtifact: "put what it holds into a Git repository",
  ArtifactGenerator: "put what it holds into a Git repository",
  ImageRepository: "let a bot commit new image tags",
  ImagePolicy: "let a bot commit new image tags",
  ImageUpdateAutomation: "let a bot commit new image tags",
  Receiver: "give the Environment a webhook in spec.source.webhook (docs/sources.md)",
  Alert: "the agent writes Kubernetes Events, metrics and conditions (docs/operations.md)",
  Provider: "the agent writes Kubernetes Events, metrics and conditions (docs/operations.md)",
};

/** Tells whether an API group is one of Flux's. */
export function isFluxGroup(group: string): boolean {
  return group.endsWith(".toolkit.fluxcd.io") || group.endsWith(".extensions.fluxcd.io");
}

/** What to do instead of a kind of Flux. */
export function replacementOf(kind: string): string {
  return ownMember(replacements, kind) ?? "see docs/from-flux.md";
}

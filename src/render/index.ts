export { findRemotes, isResources } from "./find-remotes.ts";
export type { Helm } from "./generate/helm.ts";
export { toManifests } from "./manifests.ts";
export type { PostRender } from "./post/post-render.ts";
export type { Substitution } from "./post/substitute.ts";
export { substituteOpened } from "./post/substitute-opened.ts";
export { type Rendered, type RenderOptions, render, renderYaml } from "./render.ts";
export { memoryTree } from "./tree/memory-tree.ts";
export { recordingTree, type Trace, traceHolds } from "./tree/recording-tree.ts";

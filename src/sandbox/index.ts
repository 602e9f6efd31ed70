export { type Decrypt, decryptHere, sandboxedDecrypt } from "./decryption.ts";
export type { Owner } from "./lanes/fair-queue.ts";
export { type Rendering, renderingHere, sandboxedRendering } from "./rendering.ts";
export { createSandbox, type Sandbox, type SandboxLimits, standardLimits } from "./sandbox.ts";
export type { SopsItems } from "./stages/build.ts";
export {
  createStageRenderer,
  type DesiredStage,
  findStageRemotes,
  type RenderStages,
  type Variables,
} from "./stages/stages.ts";
export { sandboxedTemplates } from "./templates.ts";

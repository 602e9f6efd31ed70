export type { BuildStage, SopsItems } from "./build.ts";
export { type Decrypt, decryptHere, sandboxedDecrypt } from "./decryption.ts";
export type { Owner } from "./queue.ts";
export { type Rendering, renderingHere, sandboxedRendering } from "./rendering.ts";
export { createSandbox, type Sandbox, type SandboxLimits, standardLimits } from "./sandbox.ts";
export {
  createStageRenderer,
  type DesiredStage,
  type FindStageRemotes,
  findStageRemotes,
  type RenderStages,
  type StagesGiven,
  type Variables,
} from "./stages.ts";
export { sandboxedTemplates } from "./templates.ts";

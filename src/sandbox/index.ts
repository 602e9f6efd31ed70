export type { BuildStage, SopsItems } from "./build.ts";
export {
  createStageRenderer,
  type DesiredStage,
  type FindStageRemotes,
  findStageRemotes,
  type RenderStages,
  type Variables,
} from "./stages.ts";

export { assess, reassessMs } from "./assess.ts";
export { stuckPods } from "./causes/stuck-pods.ts";
export { describeCause } from "./causes/suspected-cause.ts";
export { compileHealthExprs, type HealthExpr, type HealthRules } from "./cel/health-exprs.ts";
export type { Evidence } from "./evidence/evidence.ts";
export { needsWatch } from "./needs-watch.ts";

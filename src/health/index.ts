export { assess, reassessMs } from "./assess.ts";
export type { Evidence } from "./evidence.ts";
export { compileHealthExprs, type HealthExpr, type HealthRules } from "./health-exprs.ts";
export { needsWatch } from "./needs-watch.ts";
export { stuckPods } from "./stuck-pods.ts";
export { describeCause } from "./suspicion.ts";

export { openPromotion } from "./open.ts";
export { promotionFlags, type Resolved, resolvePromotion } from "./resolve.ts";

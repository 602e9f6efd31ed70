import { numberAt, stringAt } from "../../../model/json/json.ts";
import { isSuspended, readCondition } from "../../environment/environments.ts";
import { defineGet } from "../../environment/get.ts";

/** `mooring get promotions [NAME...]`. */
export const getPromotions = defineGet({
  kind: "Promotion",
  description: "Shows the target of each Promotion, its pull request, and what it is waiting for.",
  examples: [
    { text: "All Promotions under way", line: "mooring get promotions --all-namespaces" },
    {
      text: "Where is the pull request?",
      line: "mooring get promo to-production -o json | jq -r .status.pullRequest.url",
    },
  ],
  columns: ["from", "to", "ready", "request", "status"],
  cells(promotion) {
    const ready = readCondition(promotion, "Ready");
    const number = numberAt(promotion, "status", "pullRequest", "number");
    return [
      stringAt(promotion, "spec", "from", "environmentRef", "name") ?? "",
      stringAt(promotion, "spec", "to", "branch") ?? "",
      ready.status,
      number === undefined ? "" : `#${number}`,
      isSuspended(promotion) ? `Suspended. ${ready.message}`.trim() : ready.message,
    ];
  },
});

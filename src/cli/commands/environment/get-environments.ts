import { stringAt } from "../../../model/json/json.ts";
import { shortRevision } from "../../../model/revision.ts";
import { isSuspended, readCondition } from "../../environment/environments.ts";
import { defineGet } from "../../environment/get.ts";

/** `mooring get environments [NAME...]`. */
export const getEnvironments = defineGet({
  kind: "Environment",
  description: "Shows whether each Environment is ready, its revision, and the reason if it is not ready.",
  examples: [
    { text: "State of all Environments", line: "mooring get environments --all-namespaces" },
    { text: "Which revision was the last healthy one?", line: "mooring get env production -o yaml | grep lastHealthy" },
  ],
  columns: ["ready", "revision", "status"],
  cells(environment) {
    const ready = readCondition(environment, "Ready");
    const revision = shortRevision(stringAt(environment, "status", "lastAppliedRevision") ?? "");
    const message = isSuspended(environment) ? `Suspended. ${ready.message}`.trim() : ready.message;
    return [ready.status, revision, message];
  },
});

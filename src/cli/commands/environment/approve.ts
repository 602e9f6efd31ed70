import { environmentAnnotations } from "../../../api/names.ts";
import { Failure } from "../../../model/failure.ts";
import { stringAt } from "../../../model/json/json.ts";
import { defineCommand } from "../../command/command.ts";
import { asArgument, environmentRef, findKind, namespaceOf, withCluster } from "../../environment/environments.ts";

/** `mooring approve NAME [DIGEST]`. */
export const approve = defineCommand({
  description:
    "Approves a plan that is held because it would delete too much. The approval is for one plan only, identified by its digest: a later push makes a new plan, which is held again.",
  arguments: {
    name: { names: "object", summary: "The Environment" },
    digest: {
      summary: "Digest from mooring plan, or its first characters; defaults to the plan that is held now",
      optional: true,
    },
  },
  flags: {},
  examples: [{ text: "Approve the plan that mooring plan showed", line: "mooring approve production 3f5a0c91e2b7" }],
  async run(context) {
    const { signal, stdout } = context;
    const { name, digest } = context.arguments;
    await withCluster(context, async (cluster) => {
      const namespace = namespaceOf(context, cluster);
      const [environment] = await findKind(cluster, "Environment", { namespace, names: [name] }, signal);
      const pending = stringAt(environment, "status", "pendingDigest");
      const object = `Environment/${namespace}/${name}`;
      if (pending === undefined) throw new Failure("NotFound", { object, message: "no plan is held" });
      if (digest !== undefined && !pending.startsWith(digest)) {
        const hint = `review it with mooring plan ${asArgument({ namespace, name })}`;
        throw new Failure("DigestChanged", { object, message: `the plan that is held is ${pending}`, hint });
      }
      const body = { metadata: { annotations: { [environmentAnnotations.approve]: pending } } };
      const options = { fieldManager: "mooring-cli" };
      await cluster.patch(environmentRef(namespace, name), { type: "merge", body }, options, signal);
      stdout.line(`environment/${name}: plan ${pending} approved`);
    });
    return 0;
  },
});

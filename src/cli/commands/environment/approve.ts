import { environmentAnnotations } from "../../../api/names.ts";
import { Failure } from "../../../model/failure.ts";
import { stringAt } from "../../../model/json/json.ts";
import { defineCommand } from "../../command/command.ts";
import {
  asArgument,
  environmentRef,
  findEnvironments,
  namespaceOf,
  withCluster,
} from "../../environment/environments.ts";

/** `mooring approve NAME [DIGEST]`. */
export const approve = defineCommand({
  description:
    "Lets a plan run that the brake on deletions holds. The approval is for one plan, named by its digest: what is pushed meanwhile makes another plan, which is held again.",
  arguments: {
    name: { names: "object", summary: "The Environment" },
    digest: {
      summary: "The digest that mooring plan shows, or its beginning; without it, that of the plan held now",
      optional: true,
    },
  },
  flags: {},
  examples: [{ text: "Let run what was seen with mooring plan", line: "mooring approve production 3f5a0c91e2b7" }],
  async run(context) {
    const { signal, stdout } = context;
    const { name, digest } = context.arguments;
    await withCluster(context, async (cluster) => {
      const namespace = namespaceOf(context, cluster);
      const [environment] = await findEnvironments(cluster, { namespace, names: [name] }, signal);
      const pending = stringAt(environment, "status", "pendingDigest");
      const object = `Environment/${namespace}/${name}`;
      if (pending === undefined) throw new Failure("NotFound", { object, message: "no plan is held" });
      if (digest !== undefined && !pending.startsWith(digest)) {
        const hint = `see it with mooring plan ${asArgument({ namespace, name })}`;
        throw new Failure("DigestChanged", { object, message: `the plan held now is ${pending}`, hint });
      }
      const body = { metadata: { annotations: { [environmentAnnotations.approve]: pending } } };
      const options = { fieldManager: "mooring-cli" };
      await cluster.patch(environmentRef(namespace, name), { type: "merge", body }, options, signal);
      stdout.line(`environment/${name}: plan ${pending} approved`);
    });
    return 0;
  },
});

import Type, { type Static } from "typebox";
import { ForgeSpec } from "../forge.ts";
import { duration, longestPath, NameReference, text } from "../schema.ts";

const From = Type.Object(
  { environmentRef: NameReference },
  { description: "The Environment, of the same namespace, in which a revision must prove itself." },
);

const To = Type.Object(
  {
    branch: text(200, { minLength: 1, description: "The branch that pull requests go to." }),
    environmentRef: Type.Optional(
      Type.Object(NameReference.properties, {
        description:
          "The Environment, of the same namespace, that follows the branch: what a pull request changes in it is planned.",
      }),
    ),
    path: Type.Optional(
      text(longestPath, {
        minLength: 1,
        description: "If this agent cannot reach that Environment: the folder that it renders, for the plan.",
      }),
    ),
  },
  { description: "Where proven revisions go." },
);

/** What users write in a Promotion. The CRD is generated from it, and the agent narrows what it reads with it. */
export const PromotionSpec = Type.Object(
  {
    from: From,
    to: To,
    forge: ForgeSpec,
    soak: duration("How long a revision must have been healthy before it is proposed.", "0s"),
    autoMerge: Type.Boolean({
      default: false,
      description: "Merge as soon as checks, reviews and branch protection allow it. Otherwise people merge.",
    }),
    hold: Type.Boolean({
      default: false,
      description: "Do not merge. The label mooring.dev/hold on the pull request does the same.",
    }),
    interval: duration(
      "How often the forge is polled for the state of the pull request; at most ten times a second.",
      "1m",
    ),
    suspend: Type.Boolean({ default: false, description: "Send nothing to the forge while this is true." }),
  },
  { description: "What is promoted, and to where." },
);

/** The spec of a Promotion with every default filled in. */
export type PromotionSpec = Static<typeof PromotionSpec>;

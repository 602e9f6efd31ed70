import Type from "typebox";

/** A condition in a status; `types` names those that the kind has. */
export const conditionSchema = (types: string) =>
  Type.Object({
    type: Type.String({ description: types }),
    status: Type.Enum(["True", "False", "Unknown"], { description: "True, False or Unknown." }),
    reason: Type.String({ description: "One word that says why." }),
    message: Type.String({ description: "What happened, in words." }),
    lastTransitionTime: Type.String({ format: "date-time", description: "When the status last changed." }),
    observedGeneration: Type.Integer({ description: "The generation of the spec that it refers to." }),
  });

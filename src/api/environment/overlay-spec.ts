import Type from "typebox";
import { list, longestName, longestPath, stringMap, TargetSelector, text } from "../schema.ts";

const Patch = Type.Object({
  patch: text(262_144, { minLength: 1, description: "A strategic-merge or JSON 6902 patch." }),
  target: Type.Optional(TargetSelector),
});

/** Characters of the name of an image, with its registry. */
const longestImage = 512;

const Image = Type.Object({
  name: text(longestImage, { minLength: 1, description: "The image as the manifests name it." }),
  newName: Type.Optional(text(longestImage, { description: "The new name." })),
  newTag: Type.Optional(text(256, { description: "The new tag." })),
  digest: Type.Optional(text(256, { description: "The new digest, instead of a tag." })),
});

const SubstituteSource = Type.Object({
  kind: Type.Enum(["ConfigMap", "Secret"], { description: "ConfigMap or Secret." }),
  name: text(longestName, { minLength: 1, description: "Its name, in the Environment's namespace." }),
  optional: Type.Optional(Type.Boolean({ default: false, description: "Whether it may be missing." })),
});

/** What an Environment puts over what the repository says, in the terms of kustomize. */
export const overlayFields = {
  targetNamespace: Type.Optional(text(63, { minLength: 1, description: "Namespace set on every namespaced object." })),
  namePrefix: Type.Optional(text(longestName, { description: "Prefix for every name." })),
  nameSuffix: Type.Optional(text(longestName, { description: "Suffix for every name." })),
  commonMetadata: Type.Optional(
    Type.Object(
      {
        labels: Type.Optional(stringMap(100, 256, "Labels for every object.")),
        annotations: Type.Optional(stringMap(100, 65_536, "Annotations for every object.")),
      },
      { description: "Labels and annotations for every object." },
    ),
  ),
  patches: Type.Optional(list(Patch, 100, "Patches applied after the repository's own.")),
  images: Type.Optional(list(Image, 500, "Images replaced after the repository's own.")),
  components: Type.Optional(
    list(text(longestPath), 100, "Kustomize components added, as folders relative to the path."),
  ),
  postBuild: Type.Optional(
    Type.Object(
      {
        substitute: Type.Optional(stringMap(1000, 65_536, "Variables to substitute.")),
        substituteFrom: Type.Optional(
          list(
            SubstituteSource,
            100,
            "ConfigMaps and Secrets with more variables; later ones win, `substitute` wins over all.",
          ),
        ),
        strict: Type.Optional(
          Type.Boolean({
            description: "Whether a variable that is not set is an error; otherwise it is replaced by nothing.",
            default: true,
          }),
        ),
      },
      { description: "Variables substituted in the rendered objects." },
    ),
  ),
};

import Type, { type Static } from "typebox";
import { longestUrl, NameReference, text } from "./schema.ts";

/** A forge and the repository on it: where pull requests are opened and commits get their statuses. */
export const ForgeSpec = Type.Object(
  {
    type: Type.Enum(["gitea", "github", "gitlab"], { description: "gitea (Forgejo too), github or gitlab." }),
    url: Type.Optional(
      text(longestUrl, {
        pattern: "^https?://[^/@]+",
        description:
          "Where the forge is, as in the browser: https://git.example.com. Defaults to github.com or gitlab.com; required for Gitea.",
      }),
    ),
    repository: text(512, {
      pattern: "^[^/]+(/[^/]+)+$",
      description: "The repository on the forge: owner/name; on GitLab also with nested groups.",
    }),
    secretRef: Type.Object(NameReference.properties, {
      description: "The Secret with the forge's token under the key token, in the namespace of the object.",
    }),
  },
  { description: "The forge that hosts the repository, and the token to use it with." },
);

/** A forge as it is named in a Promotion or an Environment. */
export type ForgeSpec = Static<typeof ForgeSpec>;

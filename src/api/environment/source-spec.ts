import Type, { type Static } from "typebox";
import { longestUrl, NameReference, text } from "../schema.ts";

/** Characters of the name of a branch, a tag or another reference. */
const longestRef = 512;

/** What is followed in a repository. */
export const GitRef = Type.Object(
  {
    branch: Type.Optional(text(longestRef, { minLength: 1, description: "A branch." })),
    tag: Type.Optional(text(longestRef, { minLength: 1, description: "A tag." })),
    semver: Type.Optional(
      text(256, { minLength: 1, description: "A semantic version range; the highest tag in it is taken." }),
    ),
    commit: Type.Optional(text(40, { pattern: "^[0-9a-f]{40}$", description: "A commit, by its whole SHA-1." })),
    name: Type.Optional(
      text(longestRef, { pattern: "^refs/", description: "A full reference name, such as refs/pull/7/head." }),
    ),
  },
  {
    description: "What to follow: one of branch, tag, semver, commit, name. Defaults to the default branch.",
    maxProperties: 1,
  },
);

/** Where an environment is read from. */
export const Source = Type.Object(
  {
    url: text(longestUrl, {
      pattern: "^(https?|ssh)://|^[^/@]+@[^/:]+:",
      description: "Where the repository is: https://, http://, ssh:// or user@host:path.",
    }),
    ref: Type.Optional(GitRef),
    secretRef: Type.Optional(NameReference),
    proxySecretRef: Type.Optional(NameReference),
    recurseSubmodules: Type.Optional(
      Type.Boolean({ description: "Fetch submodules too. They are empty folders otherwise." }),
    ),
    verify: Type.Optional(
      Type.Object(
        {
          mode: Type.Enum(["head", "tag", "tagAndHead"], {
            default: "head",
            description: "What must be signed: the commit, the tag, or both.",
          }),
          secretRef: NameReference,
        },
        {
          description:
            "Whose signatures are required: a Secret with OpenPGP or SSH public keys. Nothing else is applied.",
        },
      ),
    ),
    ignore: Type.Optional(text(65_536, { description: "Files to leave out, in .gitignore syntax." })),
    webhook: Type.Optional(
      Type.Object(
        { secretRef: NameReference },
        {
          description:
            "Lets the server call when something is pushed, instead of waiting for the interval: a Secret with the token that it signs with under the key token. The path to call is in the status.",
        },
      ),
    ),
  },
  { description: "The Git repository that holds the environment." },
);

/** The reference part of a source. */
export type GitRef = Static<typeof GitRef>;

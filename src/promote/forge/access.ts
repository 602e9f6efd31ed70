import type { ForgeSpec } from "../../api/forge.ts";
import type { GithubApp } from "../../source/index.ts";

/** What a forge lets somebody in with: a token, or an app of GitHub's. Never printed. */
export interface ForgeAccess {
  readonly token?: string | undefined;
  readonly githubApp?: GithubApp | undefined;
  /** PEM: the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
}

/** Which repository of which forge, and how to get in. */
export interface ForgeOptions extends Omit<ForgeSpec, "secretRef"> {
  readonly access: ForgeAccess;
  readonly userAgent: string;
}

import { anonymous, type Credentials } from "./credentials.ts";
import { parseRepositoryUrl } from "./url.ts";

/** A repository's URL and what it is reached with. */
export interface Home {
  readonly url: string;
  readonly credentials: Credentials;
}

/**
 * What another repository, or a file, is reached with: the credentials of the first where it is on the same host and no
 * less protected on the way, none but the way through a proxy elsewhere.
 */
export function credentialsFor(url: string, home: Home): Credentials {
  const [there, here] = [parseRepositoryUrl(url), parseRepositoryUrl(home.url)];
  const weaker = there.address.startsWith("http:") && !here.address.startsWith("http:");
  const same = there.transport === here.transport && there.host === here.host && there.port === here.port && !weaker;
  if (same) return home.credentials;
  const { proxy } = home.credentials;
  return proxy === undefined ? anonymous : { proxy };
}

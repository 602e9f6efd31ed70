import { canonicalHost } from "../reach/address-kind.ts";
import { parseRepositoryUrl, portOf, type RepositoryUrl } from "../url.ts";
import { anonymous, type Credentials } from "./credentials.ts";

/** A repository's URL and what it is reached with. */
export interface Home {
  readonly url: string;
  readonly credentials: Credentials;
}

/**
 * What another repository is reached with: the credentials of the first where it has the same scheme, host and port, and
 * elsewhere none.
 */
export function credentialsFor(url: string, home: Home): Credentials {
  return isSameServer(url, home.url) ? home.credentials : wayTo(url, home);
}

/**
 * What a file is got with, wherever it is: the way through a proxy, and the authorities that the first repository's server
 * has its certificate from. Credentials are for Git alone: with them the server might show more than files of the repository.
 */
export function wayTo(url: string, { url: homeUrl, credentials }: Home): Credentials {
  const { proxy, ca } = credentials;
  return {
    ...(proxy === undefined ? anonymous : { proxy }),
    ...(ca !== undefined && isSameServer(url, homeUrl) ? { ca } : {}),
  };
}

/** The same scheme, host and port. */
function isSameServer(one: string, other: string): boolean {
  const [there, here] = [parseRepositoryUrl(one), parseRepositoryUrl(other)];
  if (there.transport !== here.transport || canonicalHost(there.host) !== canonicalHost(here.host)) return false;
  const isPlain = ({ address }: RepositoryUrl) => address.startsWith("http:");
  return portOf(there) === portOf(here) && isPlain(there) === isPlain(here);
}

import type { Dispatcher } from "undici";
import { Failure } from "../../../model/failure.ts";
import type { Credentials } from "../../credentials/credentials.ts";
import { type HttpSettings, httpSession } from "../../http/http-session.ts";
import type { GitService, GitTransport, ProtocolVersion } from "./git-transport.ts";
import { statusFailure } from "./source-failure.ts";

const maxRedirects = 5;

/**
 * Git over HTTP (gitprotocol-http(5)), in a session for its address. A redirect of `info/refs` moves all later requests to
 * where it led, as git does (`http.followRedirects=initial`), until no advertisement comes from there.
 */
export function httpTransport(
  address: string,
  credentials: Credentials,
  { service, ...settings }: HttpSettings & { readonly service: GitService },
): GitTransport {
  const session = httpSession(address, credentials, settings);
  let base = address;

  const discover = async (version: ProtocolVersion, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    for (let redirects = 0; ; redirects++) {
      const url = `${base}/info/refs?service=${service}`;
      const answer = await session.send(url, { method: "GET", headers: versionHeader(version) }, signal);
      const moved = redirects < maxRedirects ? movedTo(answer, url) : undefined;
      if (moved === undefined) return answer;
      await answer.body.dump();
      base = moved;
    }
  };

  const advertised = async (version: ProtocolVersion, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const answer = await discover(version, signal);
    await refuseStatus(answer, address);
    if (mediaType(answer) === `application/x-${service}-advertisement`) return answer;
    await answer.body.dump();
    throw notARepository(address);
  };

  return {
    async *advertisement(version, signal) {
      const answer = await advertised(version, signal).catch((thrown: unknown) => {
        base = address;
        throw thrown;
      });
      yield* answer.body;
    },
    async *exchange(request, version, signal) {
      const headers = {
        "content-type": `application/x-${service}-request`,
        accept: `application/x-${service}-result`,
        ...versionHeader(version),
      };
      const answer = await session.send(`${base}/${service}`, { method: "POST", headers, body: request }, signal);
      await refuseStatus(answer, address);
      yield* answer.body;
    },
    close: () => session.close(),
  };
}

function versionHeader(version: ProtocolVersion): Readonly<Record<string, string>> {
  return version === 2 ? { "git-protocol": "version=2" } : {};
}

/** The body of an error is dumped, so that the connection can be used again. */
async function refuseStatus({ statusCode, body }: Dispatcher.ResponseData, address: string): Promise<void> {
  if (statusCode === 200) return;
  await body.dump();
  throw statusFailure(statusCode, address);
}

/** Without parameters. Only this type is of the smart protocol. Source: check_smart_http in remote-curl.c of git. */
function mediaType({ headers }: Dispatcher.ResponseData): string {
  const type = headers["content-type"];
  return typeof type === "string" ? (type.split(";", 1)[0] ?? "").trim().toLowerCase() : "";
}

function notARepository(address: string): Failure {
  return new Failure("SourceInvalid", {
    message: `${address} answers, but not as a Git repository`,
    hint: "check the URL",
  });
}

const discoveryPath = /\/info\/refs$/;

/** The repository that a redirect of `info/refs` leads to; undefined for none, and for one from https to http. */
function movedTo(answer: Dispatcher.ResponseData, from: string): string | undefined {
  const { location } = answer.headers;
  if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== "string") return undefined;
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to === undefined || !discoveryPath.test(to.pathname)) return undefined;
  if (to.protocol !== "https:" && to.protocol !== new URL(from).protocol) return undefined;
  return to.origin + to.pathname.replace(discoveryPath, "");
}

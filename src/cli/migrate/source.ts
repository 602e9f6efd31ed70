import { type JsonObject, objectAt, ownMember, stringAt } from "../../model/json/json.ts";
import { type FluxObject, nameOf, type Tell, tellUnknown } from "./report.ts";

/** Fields of a GitRepository that mean the same under `spec.source`. */
const same = ["url", "secretRef", "proxySecretRef", "recurseSubmodules", "ignore"] as const;
/** Fields that are dealt with, or that say nothing here. */
const known = [...same, "ref", "verify", "interval", "provider", "suspend", "gitImplementation", "timeout"];
/** The most exact reference decides, as in Flux. */
const refs = ["commit", "name", "semver", "tag", "branch"] as const;
const modes: Readonly<Record<string, string>> = { HEAD: "head", head: "head", Tag: "tag", TagAndHEAD: "tagAndHead" };

/** The `spec.source` that does what a GitRepository does, of any version of Flux. */
export function sourceOf(repository: FluxObject, tell: Tell): JsonObject {
  const spec = objectAt(repository.object, "spec") ?? {};
  tellUnknown(repository, { of: spec, prefix: "spec", known }, tell);
  const say = (field: string, message: string, hint?: string) => {
    const place = { file: repository.file, object: nameOf(repository.object) };
    tell({ ...place, field: `spec.${field}`, message, ...(hint === undefined ? {} : { hint }) });
  };
  const provider = stringAt(spec, "provider") ?? "generic";
  if (provider !== "generic" && provider !== "github")
    say("provider", `${provider} has no equivalent`, "use a token or a deploy key");
  if (spec.suspend === true)
    say("suspend", "holds the source back", "set suspend: true in the Environments that follow it");
  if (spec.timeout !== undefined) say("timeout", "is a minute here");
  const members = same.flatMap((key) => (spec[key] === undefined ? [] : [[key, spec[key]] as const]));
  return { ...Object.fromEntries(members), ref: refOf(spec), ...verifyOf(spec) };
}

/** Without a reference Flux follows the branch master. */
function refOf(spec: JsonObject): JsonObject {
  const given = refs.find((key) => stringAt(spec, "ref", key) !== undefined);
  return given === undefined ? { branch: "master" } : { [given]: stringAt(spec, "ref", given) };
}

function verifyOf(spec: JsonObject): JsonObject {
  const verify = objectAt(spec, "verify");
  if (verify === undefined) return {};
  const mode = ownMember(modes, stringAt(verify, "mode") ?? "HEAD") ?? "head";
  return { verify: { mode, secretRef: verify.secretRef } };
}

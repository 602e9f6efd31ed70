import { dirname, join } from "node:path";
import { scopes } from "../../../api/sealed-secret.ts";
import { Failure } from "../../../model/failure.ts";
import {
  changeItems,
  readWellFormed,
  refuseListMember,
  type SealingCertificate,
  sealSecret,
  sealValue,
  usableCertificate,
} from "../../../seal/index.ts";
import { type Context, defineCommand, type FlagValues } from "../../command/command.ts";
import { refuseClusterFlags, refuseTogether } from "../../sealing/exclusive.ts";
import { isRegularFile, readRegular } from "../../sealing/files/files.ts";
import { writeNamed } from "../../sealing/files/write-file.ts";
import { readTarget, refuseOtherNamespace, requireItemName } from "../../sealing/input/target.ts";
import { allowEmptyFlag, readValue } from "../../sealing/input/value-input.ts";
import { certificateFlags, certificateFor, namedCertificate } from "../../sealing/keys/certificate.ts";
import { refuseReplaced } from "../../sealing/keys/replaced-certificate.ts";
import { formatObjects, outputFormat } from "../../sealing/output.ts";

const flags = {
  env: {
    type: "list",
    value: "NAME",
    summary: "Environment to seal for: uses FILE and seal.pem in overlays/NAME",
  },
  "from-file": {
    type: "string",
    value: "FILE",
    summary: "File with the value; defaults to standard input, or a hidden prompt",
  },
  name: {
    type: "string",
    value: "NAME",
    names: "object",
    summary: "Name of the Secret, for a new file or to select one of several",
  },
  scope: {
    type: "string",
    value: "SCOPE",
    choices: scopes,
    summary: "For a new file: what the values are bound to; defaults to strict",
  },
  algorithm: {
    type: "string",
    value: "NAME",
    choices: ["rsa", "x25519"],
    summary: "For a new file: rsa (the default) or x25519",
  },
  ...allowEmptyFlag,
  ...certificateFlags,
} as const;

/** `mooring secrets set FILE KEY`. */
export const set = defineCommand({
  description:
    "Seals one value into a file, for the name, namespace and scope in that file, and keeps every other byte as it is. Creates the file if it does not exist. The value is never passed on the command line. It is sealed with the nearest seal.pem in the file's folder or above, or else with the cluster's newest certificate.",
  arguments: { file: { summary: "File with the SealedSecret" }, key: { summary: "Key to set" } },
  flags,
  examples: [
    { text: "Prompt for the value", line: "mooring secrets set overlays/production/db.yaml PASSWORD" },
    { text: "From another program", line: "pwgen -s 32 1 | mooring secrets set db.yaml PASSWORD" },
    {
      text: "For two environments at once",
      line: "mooring secrets set db.yaml PASSWORD --env staging --env production",
    },
    { text: "A new file", line: "mooring secrets set db.yaml PASSWORD --name db -n shop" },
  ],
  async run(context) {
    const { file, key } = context.arguments;
    const { env, "from-file": from } = context.flags;
    requireItemName(key);
    refuseTogether(context.flags, "env", ["cert", "controller-namespace"]);
    if (env.length > 0 && namedCertificate(context, undefined) !== undefined) {
      const message = "--env cannot be used with SEALED_SECRETS_CERT: each environment has its own certificate";
      throw new Failure("UsageInvalid", { message, hint: "unset the variable" });
    }
    const places = env.length === 0 ? [{ file }] : env.map((name) => placeIn(name, file));
    // All that can be refused is refused before anybody types a value.
    const prepared: { readonly file: string; readonly put: Put }[] = [];
    for (const place of places) prepared.push({ file: place.file, put: await prepare(context, place) });
    const allowEmpty = context.flags["allow-empty"];
    const value = await readValue(context, { file: from, name: key, allowEmpty });
    const written: { readonly file: string; readonly text: string }[] = [];
    for (const { file: path, put } of prepared) written.push({ file: path, text: await put(value) });
    for (const { file: path, text } of written) {
      await writeNamed(context, path, text);
      context.stdout.line(`${path}: ${key} set`);
    }
    return 0;
  },
});

type Setting = Context<
  typeof flags,
  { readonly file: { readonly summary: string }; readonly key: { readonly summary: string } }
>;

/** A file to write, and the certificate that must be used for it. */
interface Place {
  readonly file: string;
  readonly certificate?: string;
}

function placeIn(environment: string, file: string): Place {
  const folder = join("overlays", environment);
  return { file: join(folder, file), certificate: join(folder, "seal.pem") };
}

async function certificateOf(context: Setting, place: Place): Promise<SealingCertificate> {
  if (place.certificate !== undefined) {
    const { certificate: path, file } = place;
    refuseClusterFlags(context, `${path} gives the certificate`);
    const certificate = usableCertificate(await readRegular(context, path), context.now());
    if (!context.flags["new-certificate"]) {
      await refuseReplaced(context, { path, folder: dirname(path), certificate }, file);
    }
    return certificate;
  }
  return certificateFor(context, context.flags, place.file);
}

/** Gives the text of a file with a value sealed into it. */
type Put = (value: Buffer) => Promise<string>;

/** Checks that a value can be put there. Throws `Failure`. */
async function prepare(context: Setting, place: Place): Promise<Put> {
  const { file } = place;
  const { key } = context.arguments;
  if (!(await isRegularFile(context, file))) return prepareNew(context, place);
  const { text, document } = await readTarget(context, file, context.flags.name);
  const { label, algorithm, scope } = readWellFormed(document, file);
  refuseOtherNamespace(context, document, file);
  refuseOther(file, "scope", context.flags.scope, scope);
  refuseOther(file, "algorithm", context.flags.algorithm, algorithm);
  refuseListMember(document);
  const certificate = await certificateOf(context, place);
  return async (value) =>
    changeItems(text, document, { set: new Map([[key, await sealValue(value, label, certificate, algorithm)]]) });
}

async function prepareNew(context: Setting, place: Place): Promise<Put> {
  const { file } = place;
  const { name, scope = "strict", algorithm = "rsa" } = context.flags;
  const { namespace } = context.global;
  if (name === undefined || (namespace === undefined && scope !== "cluster-wide")) {
    const missing = name === undefined ? "--name" : "--namespace";
    const hint = "a sealed value is bound to its name and namespace, so they must be known";
    throw new Failure("UsageInvalid", {
      file,
      message: `does not exist; a new file needs ${missing}`,
      hint,
    });
  }
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const certificate = await certificateOf(context, place);
  return async (value) => {
    const data = { [context.arguments.key]: value.toString("base64") };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, data };
    const sealed = await sealSecret(secret, certificate, { scope, algorithm });
    return (await formatObjects([sealed], outputFormat(undefined, file))).replace(/^---\n/, "");
  };
}

function refuseOther(
  file: string,
  what: string,
  asked: FlagValues<typeof flags>["scope" | "algorithm"],
  is: string,
): void {
  if (asked === undefined || asked === is) return;
  const message = `has the ${what} ${is}, which cannot differ for one value`;
  throw new Failure("UsageInvalid", { file, message, hint: "omit the flag, or use another file" });
}

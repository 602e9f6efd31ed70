import { scopes } from "../../../api/sealed-secret.ts";
import { Failure } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import {
  isSecret,
  labelOf,
  parseManifests,
  refuseBlankValues,
  type SealOptions,
  sealSecret,
  sealValue,
} from "../../../seal/index.ts";
import { type Context, clusterAccess, defineCommand, type FlagValues } from "../../command/command.ts";
import { refuseTogether } from "../../sealing/exclusive.ts";
import { readInput, readNamed } from "../../sealing/files/files.ts";
import { deliver } from "../../sealing/files/write-file.ts";
import { refuseWrongNames } from "../../sealing/input/secret-names.ts";
import { readTarget, refuseOtherNamespace } from "../../sealing/input/target.ts";
import { allowEmptyFlag, readValue, refuseEmpty } from "../../sealing/input/value-input.ts";
import { certificateFlags, certificateFor } from "../../sealing/keys/certificate.ts";
import { mergeInto } from "../../sealing/merge.ts";
import { formatFlag, formatObjects, outputFormat } from "../../sealing/output.ts";

const flags = {
  ...certificateFlags,
  scope: {
    type: "string",
    value: "SCOPE",
    choices: scopes,
    summary: "What the values are bound to; defaults to the Secret's annotations, else strict",
  },
  algorithm: {
    type: "string",
    value: "NAME",
    choices: ["rsa", "x25519"],
    summary: "rsa (the default) is compatible with kubeseal; x25519 is smaller and faster, but only Mooring reads it",
  },
  "secret-file": {
    type: "string",
    short: "f",
    value: "FILE",
    summary: "Secret to seal; defaults to standard input",
  },
  "sealed-secret-file": {
    type: "string",
    short: "w",
    value: "FILE",
    summary: "Output file; defaults to standard output",
  },
  ...formatFlag,
  "merge-into": {
    type: "string",
    value: "FILE",
    summary: "Add the values to this SealedSecret and keep the rest of the file as it is",
  },
  raw: { type: "boolean", summary: "Seal a single value and print it" },
  "from-file": {
    type: "string",
    value: "FILE",
    summary: "With --raw: file with the value; defaults to standard input",
  },
  name: { type: "string", value: "NAME", names: "object", summary: "Name to use instead of the Secret's own" },
  ...allowEmptyFlag,
  "allow-empty-data": {
    type: "boolean",
    summary: "Accept a Secret without values, or with values that are empty or only white space",
  },
} as const;

/** `mooring seal`. */
export const seal = defineCommand({
  description:
    "Reads Secrets (YAML or JSON, one or more documents) and writes SealedSecrets, with the flags and the format of kubeseal. Only the cluster with the private key can decrypt them. When it writes to a file (-w, --merge-into), it uses the nearest seal.pem in the file's folder or above. Otherwise, or if there is none, it uses the newest certificate of the current cluster. --cert or the variable SEALED_SECRETS_CERT selects another certificate.",
  arguments: {},
  flags,
  idle: [
    {
      beside: "cert",
      flags: clusterAccess,
      why: "--cert gives the certificate, so no cluster is contacted",
    },
  ],
  examples: [
    {
      text: "To a file, with the seal.pem of its environment",
      line: "mooring seal -f secret.yaml -w overlays/production/db.yaml",
    },
    {
      text: "To standard output, with the certificate of the current cluster",
      line: "mooring seal <secret.yaml >sealed.json",
    },
    {
      text: "To standard output, without a cluster",
      line: "mooring seal --cert overlays/production/seal.pem <secret.yaml >sealed.json",
    },
    { text: "A single value", line: "mooring seal --raw -n shop --name db --from-file password.txt" },
  ],
  run: (context) => (context.flags.raw ? sealRaw(context) : sealObjects(context)),
});

type Sealing = Context & { readonly flags: FlagValues<typeof flags> };

async function sealObjects(context: Sealing): Promise<number> {
  const { "secret-file": file, "merge-into": target, "sealed-secret-file": destination } = context.flags;
  if (context.flags["from-file"] !== undefined) throw usage("--from-file requires --raw");
  if (context.flags["allow-empty"]) throw usage("--allow-empty requires --raw; for a Secret, use --allow-empty-data");
  refuseTogether(context.flags, "cert", ["controller-namespace"]);
  refuseTogether(context.flags, "merge-into", [
    "sealed-secret-file",
    "format",
    "scope",
    "algorithm",
    "name",
    "allow-empty-data",
  ]);
  const read = () => readInput(context, file, "a Secret in YAML or JSON");
  const named = file === undefined ? undefined : await read();
  // All that can be refused is refused before anybody types a Secret.
  const certificate = await certificateFor(context, context.flags, target ?? destination);
  const format = outputFormat(context.flags.format, destination);
  if (target !== undefined && context.global.namespace !== undefined) {
    refuseOtherNamespace(context, (await readTarget(context, target, undefined)).document, target);
  }
  const text = named ?? (await read());
  const secrets = parseManifests(text, file ?? "standard input").map(({ object }) => secretIn(object));
  if (secrets.length === 0) throw usage("the input contains no Secret to seal");
  for (const secret of secrets) refuseWrongNames(secret);
  if (!context.flags["allow-empty-data"]) for (const secret of secrets) refuseBlankValues(secret);
  if (target !== undefined) {
    await mergeInto(context, { target, secrets, certificate });
    return 0;
  }
  const sealed: KubeObject[] = [];
  for (const secret of secrets) sealed.push(await sealSecret(secret, certificate, optionsOf(context)));
  await deliver(context, destination, await formatObjects(sealed, format));
  return 0;
}

async function sealRaw(context: Sealing): Promise<number> {
  const { scope = "strict", name, algorithm = "rsa", "from-file": from } = context.flags;
  refuseTogether(context.flags, "raw", ["secret-file", "format", "merge-into", "allow-empty-data"]);
  refuseTogether(context.flags, "cert", ["controller-namespace"]);
  const { namespace } = context.global;
  if (scope !== "cluster-wide" && namespace === undefined) throw usage(`--raw with scope ${scope} needs --namespace`);
  if (scope === "cluster-wide" && namespace !== undefined) throw usage(boundToNone("namespace", scope));
  if (scope !== "strict" && name !== undefined) throw usage(boundToNone("name", scope));
  if (scope === "strict" && name === undefined) throw usage("--raw with scope strict needs --name");
  // kubectl's form names the item too: --from-file=password=secret.txt
  const file = from?.slice(from.indexOf("=") + 1);
  const certificate = await certificateFor(context, context.flags, undefined);
  const value = await rawValue(context, file);
  const label = labelOf({ namespace: namespace ?? "", name: name ?? "" }, scope);
  const { text } = await sealValue(value, label, certificate, algorithm);
  await deliver(context, context.flags["sealed-secret-file"], text);
  return 0;
}

/** As kubeseal, byte for byte, what a pipe or a file holds; a person is asked, and sees nothing of it. */
async function rawValue(context: Sealing, file: string | undefined): Promise<Buffer> {
  const isAsked = (file === undefined || file === "-") && context.stdin.isTerminal;
  const allowEmpty = context.flags["allow-empty"];
  if (isAsked) return readValue(context, { file: undefined, name: context.flags.name ?? "it", allowEmpty });
  const value = await readNamed(context, file ?? "-");
  refuseEmpty(value, { file, allowEmpty });
  return value;
}

function optionsOf(context: Sealing): SealOptions {
  const { scope, name, algorithm = "rsa", "allow-empty-data": allowEmptyData } = context.flags;
  const { namespace } = context.global;
  return {
    algorithm,
    allowEmptyData,
    ...(scope === undefined ? {} : { scope }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function secretIn(object: KubeObject): KubeObject {
  if (isSecret(object)) return object;
  throw new Failure("UsageInvalid", {
    object: `${object.kind}/${object.metadata.name}`,
    message: "is not a Secret (v1)",
  });
}

const boundToNone = (flag: string, scope: string) =>
  `--${flag} has no effect: with scope ${scope} the value is bound to no ${flag}`;

function usage(message: string): Failure {
  return new Failure("UsageInvalid", { message });
}

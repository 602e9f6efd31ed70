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
import { formatObjects, outputFormat } from "../../sealing/output.ts";

const flags = {
  ...certificateFlags,
  scope: {
    type: "string",
    value: "SCOPE",
    choices: scopes,
    summary: "What the values are bound to; without it what the Secret's annotations say, else strict",
  },
  algorithm: {
    type: "string",
    value: "NAME",
    choices: ["rsa", "x25519"],
    summary: "rsa (the default) is kubeseal's; x25519 is smaller and faster, for Mooring only",
  },
  "secret-file": {
    type: "string",
    short: "f",
    value: "FILE",
    summary: "The Secret to seal; without it standard input",
  },
  "sealed-secret-file": {
    type: "string",
    short: "w",
    value: "FILE",
    summary: "Where to write; without it standard output",
  },
  format: {
    type: "string",
    short: "o",
    value: "FORMAT",
    choices: ["json", "yaml"],
    summary: "How to write; json, or as the file is named",
  },
  "merge-into": {
    type: "string",
    value: "FILE",
    summary: "Put the values into this SealedSecret, and leave the rest of the file as it is",
  },
  raw: { type: "boolean", summary: "Seal one bare value and print it" },
  "from-file": {
    type: "string",
    value: "FILE",
    summary: "With --raw: the file that holds the value; without it standard input",
  },
  name: { type: "string", value: "NAME", names: "object", summary: "Name of the Secret, instead of its own" },
  ...allowEmptyFlag,
  "allow-empty-data": {
    type: "boolean",
    summary: "Seal a Secret that has no values, or values that are empty or all white space",
  },
} as const;

/** `mooring seal`. */
export const seal = defineCommand({
  description:
    "Reads Secrets (YAML or JSON, several documents too) and writes SealedSecrets, with the flags and in the format of kubeseal. Only the cluster that holds the private key can open them. Into a file (-w, --merge-into) it seals with the nearest seal.pem in the folder of the file or above; to standard output, and where there is none, with the newest certificate of the cluster of the current context. --cert, or the variable SEALED_SECRETS_CERT, says another one.",
  arguments: {},
  flags,
  idle: [
    {
      beside: "cert",
      flags: clusterAccess,
      why: "what to seal with is said by --cert, and no cluster is asked",
    },
  ],
  examples: [
    {
      text: "For the environment that the file belongs to, by its seal.pem",
      line: "mooring seal -f secret.yaml -w overlays/production/db.yaml",
    },
    {
      text: "To standard output, for the cluster of the current context",
      line: "mooring seal <secret.yaml >sealed.json",
    },
    {
      text: "To standard output, without a cluster",
      line: "mooring seal --cert overlays/production/seal.pem <secret.yaml >sealed.json",
    },
    { text: "One bare value", line: "mooring seal --raw -n shop --name db --from-file password.txt" },
  ],
  run: (context) => (context.flags.raw ? sealRaw(context) : sealObjects(context)),
});

type Sealing = Context & { readonly flags: FlagValues<typeof flags> };

async function sealObjects(context: Sealing): Promise<number> {
  const { "secret-file": file, "merge-into": target, "sealed-secret-file": destination } = context.flags;
  if (context.flags["from-file"] !== undefined) throw usage("--from-file goes with --raw only");
  if (context.flags["allow-empty"])
    throw usage("--allow-empty goes with --raw only; for a Secret, say --allow-empty-data");
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
  if (secrets.length === 0) throw usage("there is no Secret to seal in the input");
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
  `--${flag} would have no effect: with scope ${scope} the value is bound to no ${flag}`;

function usage(message: string): Failure {
  return new Failure("UsageInvalid", { message });
}

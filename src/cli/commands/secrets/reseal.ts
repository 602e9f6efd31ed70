import { Failure } from "../../../model/failure.ts";
import { resealDocument, UnsealCache } from "../../../seal/index.ts";
import { defineCommand } from "../../command/command.ts";
import { sealedFiles } from "../../sealing/files/sealed-files.ts";
import { manifestFiles } from "../../sealing/files/walk.ts";
import { writeNamed } from "../../sealing/files/write-file.ts";
import { clusterKeys, controllerFlags, openingKeysOf } from "../../sealing/keys/keys.ts";
import { newCertificateFlag, resealCertificates } from "../../sealing/keys/reseal-certificate.ts";

/** `mooring secrets reseal`. */
export const reseal = defineCommand({
  description:
    "After a key change, reseals the values that were sealed with an older key, with the same scope, and keeps every other byte of the files as it is. A second run changes nothing. Plain values stay in memory. All files are read and decrypted before the first one is written.",
  arguments: { path: { summary: "Files and folders", many: true, optional: true } },
  flags: {
    all: { type: "boolean", summary: "All files under the current folder" },
    "from-key": { type: "list", value: "FILE", summary: "Private keys to decrypt with instead of the cluster's" },
    "to-cert": {
      type: "string",
      value: "FILE|URL",
      summary:
        "Certificate to seal with; defaults to the nearest seal.pem, which must belong to an available key, else the cluster's newest",
    },
    algorithm: {
      type: "string",
      value: "NAME",
      choices: ["rsa", "x25519"],
      summary: "Convert to this algorithm; by default each file keeps its own",
    },
    "dry-run": { type: "boolean", summary: "Show what would change, and write nothing" },
    ...newCertificateFlag,
    ...controllerFlags,
  },
  unheeded: { namespace: "name the files or folders to reseal" },
  examples: [
    { text: "The whole repository, with the cluster's keys", line: "mooring secrets reseal --all" },
    {
      text: "Without a cluster",
      line: "mooring secrets reseal overlays/production --from-key old.pem --to-cert new.pem",
    },
    { text: "Smaller values, for Mooring only", line: "mooring secrets reseal --all --algorithm x25519" },
  ],
  async run(context) {
    const { all, algorithm, "from-key": from, "dry-run": dryRun } = context.flags;
    const paths = pathsToReseal(context.arguments.path, all);
    const keys = from.length > 0 ? await openingKeysOf(context, from) : await clusterKeys(context, context.flags);
    const certificates = resealCertificates(context, { ...context.flags, cert: context.flags["to-cert"] }, keys);
    const cache = new UnsealCache();
    const changed: { readonly path: string; readonly text: string; readonly items: readonly string[] }[] = [];
    for (const { path, text, documents } of sealedFiles(await manifestFiles(context, paths))) {
      const items: string[] = [];
      let current = text;
      for (const document of documents) {
        const how = { keys, cache, file: path, certificate: await certificates.of(path) };
        const resealed = await resealDocument(current, document, {
          ...how,
          ...(algorithm === undefined ? {} : { algorithm }),
        });
        current = resealed.text;
        items.push(...resealed.items);
      }
      if (items.length > 0) changed.push({ path, text: current, items });
    }
    certificates.refuseIdleFlags(from.length === 0);
    for (const { path, text, items } of changed) {
      if (!dryRun) await writeNamed(context, path, text);
      context.stdout.line(`${path}: ${items.join(", ")}`);
    }
    const files = `${changed.length} file${changed.length === 1 ? "" : "s"}`;
    context.stdout.line(
      changed.length === 0 ? "nothing is stale" : `${files} ${dryRun ? "would be changed" : "changed"}`,
    );
    return 0;
  },
});

function pathsToReseal(named: readonly string[], all: boolean): readonly string[] {
  if (all && named.length > 0) {
    throw new Failure("UsageInvalid", { message: "--all already includes every file" });
  }
  if (!all && named.length === 0) throw new Failure("UsageInvalid", { message: "give files or folders, or use --all" });
  return all ? ["."] : named;
}

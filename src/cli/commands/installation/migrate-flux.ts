import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import { asksNoCluster, type Context, defineCommand } from "../../command/command.ts";
import { migrateFlux, type Text } from "../../migrate/migrate.ts";
import { formatDocument } from "../../print/documents.ts";
import { formatWarning } from "../../print/failure.ts";
import { readNamed } from "../../sealing/files/files.ts";
import { manifestFiles } from "../../sealing/files/walk.ts";
import { writeNamed } from "../../sealing/files/write-file.ts";

/** `mooring migrate flux DIR`. */
export const flux = defineCommand({
  description:
    "Converts every Flux Kustomization and its GitRepository to an Environment with the same name and namespace, and reports what has no equivalent. Their Secrets work as they are. Contacts no cluster; docs/from-flux.md describes the order of the migration.",
  arguments: { dir: { summary: "Folder with the Flux objects; - reads standard input" } },
  flags: {
    output: { type: "string", short: "o", value: "DIR", summary: "Write one file per Environment to this folder" },
  },
  unheeded: { ...asksNoCluster, namespace: "each Environment gets the namespace of its Kustomization" },
  examples: [
    { text: "From the repository", line: "mooring migrate flux clusters/production -o environments" },
    {
      text: "From the cluster",
      line: "kubectl get gitrepositories,kustomizations.kustomize.toolkit.fluxcd.io -A -o yaml | mooring migrate flux -",
    },
  ],
  async run(context) {
    const { stdout, stderr, flags } = context;
    const { dir } = context.arguments;
    const { environments, report } = migrateFlux(await textsIn(context, dir));
    for (const problem of report) stderr.write(formatWarning(problem, stderr.style));
    if (environments.length === 0) {
      const message = `${dir} contains no Flux Kustomization to convert`;
      throw new Failure("NotFound", { message });
    }
    if (flags.output !== undefined) return writeAll(context, flags.output, environments);
    for (const environment of environments) stdout.writeData(`---\n${await formatDocument(environment, "yaml")}`);
    return 0;
  },
});

async function textsIn(context: Context, dir: string): Promise<readonly Text[]> {
  if (dir !== "-") return manifestFiles(context, [dir]);
  return [{ path: "standard input", text: (await readNamed(context, "-")).toString() }];
}

async function writeAll(context: Context, dir: string, environments: readonly KubeObject[]): Promise<number> {
  await mkdir(resolve(context.cwd, dir), { recursive: true });
  const names = environments.map(({ metadata }) => metadata.name);
  for (const environment of environments) {
    const { name, namespace = "" } = environment.metadata;
    const unique = names.filter((each) => each === name).length === 1 ? name : `${namespace}.${name}`;
    const file = join(dir, `${unique}.yaml`);
    await writeNamed(context, file, await formatDocument(environment, "yaml"));
    context.stdout.line(file);
  }
  return 0;
}

import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { undefinedIfAbsent } from "../../../model/absent.ts";
import { toFailure } from "../../../model/failure.ts";
import { groupOf, versionOf } from "../../../model/object-id.ts";
import { findRemotes, type Rendered, render, renderYaml, toManifests } from "../../../render/index.ts";
import type { RemoteSearch } from "../../../source/index.ts";
import { asksNoCluster, type Context, defineCommand } from "../../command/command.ts";
import { formatWarning } from "../../print/failure.ts";
import { withProgress } from "../../print/progress.ts";
import { openCheckout, seenFrom } from "../../repository/checkout.ts";
import { helmRunner } from "../../repository/helm.ts";
import { networkHere, reachRemotes, remoteFlags } from "../../repository/remotes.ts";
import { writeNamed } from "../../sealing/files/write-file.ts";

/** `mooring build [DIR]`. */
export const build = defineCommand({
  description:
    "Prints the same output as kustomize build, byte for byte. Reads nothing outside the Git repository that contains the folder. Fetches remote bases and files without credentials, from public hosts and from those given with --remote-host.",
  arguments: { dir: { summary: "Folder with the kustomization; defaults to the current one", optional: true } },
  flags: {
    output: {
      type: "string",
      short: "o",
      value: "PATH",
      summary: "Write to this file; if it is a folder, write one file per object",
    },
    "load-restrictor": {
      type: "string",
      value: "RULE",
      choices: ["LoadRestrictionsRootOnly", "LoadRestrictionsNone"],
      default: "LoadRestrictionsRootOnly",
      summary: "Whether a kustomization may read files outside its own folder",
    },
    "enable-helm": { type: "boolean", summary: "Run helm for helmCharts" },
    "helm-command": { type: "string", value: "PROGRAM", default: "helm", summary: "The helm binary to run" },
    reorder: {
      type: "string",
      value: "ORDER",
      choices: ["legacy", "none"],
      summary: "Order of the objects if the kustomization has no sortOptions",
    },
    ...remoteFlags,
  },
  unheeded: { ...asksNoCluster, namespace: "set it in the kustomization" },
  idle: [{ without: "enable-helm", flags: ["helm-command"], why: "helm does not run" }],
  examples: [
    { text: "Render an overlay", line: "mooring build overlays/production" },
    { text: "Compare it with the cluster", line: "mooring build overlays/production | kubectl diff -f -" },
    { text: "Write one file per object", line: "mkdir out && mooring build overlays/production -o out" },
    {
      text: "Make sure that nothing comes from outside the repository",
      line: "mooring build overlays/production --no-remote-bases",
    },
  ],
  async run(context) {
    const { flags, cwd, env, signal, stderr, stdout } = context;
    const { root, path, tree } = await openCheckout(context.arguments.dir ?? ".", cwd);
    const options = {
      loadRestrictor: flags["load-restrictor"] === "LoadRestrictionsNone" ? "none" : "rootOnly",
      ...(flags["enable-helm"] ? { helm: helmRunner(flags["helm-command"], root, env, signal) } : {}),
      ...(flags.reorder === undefined ? {} : { order: flags.reorder }),
    } as const;
    const rendered = await withProgress(stderr, "Rendering", async (say) => {
      const onAsk = (url: string) => say(`Fetching ${url}`);
      const network = networkHere(flags, "public");
      await using reach = reachRemotes({ allowed: !flags["no-remote-bases"], network, onAsk });
      const find: RemoteSearch["find"] = (files, remotes) => findRemotes(files, path, { ...options, remotes });
      const gathered = await reach.gather(tree, find, signal);
      // Awaited here: what was gathered is read until the end, and gone after it.
      return await render(gathered.tree, path, { ...options, remotes: gathered.remotes });
    }).catch((thrown: unknown) => {
      throw seenFrom(cwd, root, toFailure(thrown));
    });
    for (const warning of rendered.warnings) {
      const message = warning.replace(/^# Warning: /, "");
      stderr.write(formatWarning({ message }, stderr.style));
    }
    if (flags.output === undefined) stdout.writeData(renderYaml(rendered));
    else await writeOut({ cwd, stdout }, rendered, resolve(cwd, flags.output));
    return 0;
  },
});

async function writeOut(context: Pick<Context, "cwd" | "stdout">, rendered: Rendered, path: string): Promise<void> {
  const isFolder = (await stat(path).catch(undefinedIfAbsent))?.isDirectory() === true;
  const files = isFolder ? objectFiles(rendered, path) : [[path, renderYaml(rendered)] as const];
  for (const [file, text] of files) {
    await writeNamed(context, file, text);
  }
}

/** A file for each object, named as kustomize names them: the namespace comes first where there are several. */
function objectFiles(rendered: Rendered, folder: string): readonly (readonly [path: string, text: string])[] {
  const manifests = toManifests(rendered);
  const namespaces = new Set(manifests.map(({ id }) => id.namespace).filter((namespace) => namespace !== ""));
  return manifests.map(({ id, object }, index) => {
    const prefix = namespaces.size > 1 ? id.namespace : "";
    const parts = [prefix, groupOf(object.apiVersion), versionOf(object.apiVersion), id.kind, id.name];
    const name = parts.filter((part) => part !== "").join("_");
    const text = renderYaml({ objects: rendered.objects.slice(index, index + 1), warnings: [] });
    return [join(folder, `${name.toLowerCase()}.yaml`), text];
  });
}

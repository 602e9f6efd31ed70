import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { networkHere, reachRemotes } from "../../src/cli/repository/remotes.ts";
import { Failure } from "../../src/model/failure.ts";
import { findRemotes, render, renderYaml } from "../../src/render/index.ts";
import { directoryTree } from "../../src/source/index.ts";
import { type Front, startFront } from "../source/transport/front.ts";
import { type GitServer, startGitServer } from "../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import { goMissing } from "../toolchain/tools.ts";
import { kustomizeBuild, type Verdict } from "./oracle.ts";

type Files = Readonly<Record<string, string>>;

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {from: ${value}}\n`;
const kustomization = (text: string) => ({ "overlay/kustomization.yaml": text });

describe.skipIf(goMissing() !== undefined)(
  "what is elsewhere, as the real kustomize takes it (skipped without Go)",
  () => {
    let server: GitServer;
    let front: Front;
    let shop: WorkTree;
    let library: WorkTree;
    let at: string;
    let first: string;

    beforeAll(async () => {
      server = await startGitServer();
      front = await startFront(server.url, (request, response) => {
        const { pathname } = new URL(request.url ?? "/", "http://front");
        if (pathname === "/acme/page") response.setHeader("content-type", "text/html").end("<!doctype html>\n<p>: a\n");
        else if (pathname === "/files/moved.yaml") response.writeHead(302, { location: "/files/web.yaml" }).end();
        else if (pathname === "/files/web.yaml") response.end(configMap("from-file", "file"));
        else if (pathname === "/files/patch.yaml") response.end(configMap("local", "patched"));
        else if (pathname === "/files/broken/at/line/three.yaml")
          response.end("kind: ConfigMap\nmetadata:\n  name: [\n");
        else if (pathname === "/files/app.env") response.end("A=1\nB=two\n");
        else return false;
        return true;
      });
      at = front.url;
      for (const name of ["acme/shop", "acme/library", "acme/page"]) await server.createRepo(name);
      library = await createWorkTree(server.pushUrl("acme/library"));
      await library.commit(
        { "common/kustomization.yaml": "resources: [c.yaml]\n", "common/c.yaml": configMap("library", "main") },
        "Library",
      );
      shop = await createWorkTree(server.pushUrl("acme/shop"));
      first = await shop.commit(
        {
          "kustomization.yaml": "resources: [root.yaml]\n",
          "root.yaml": configMap("root", "one"),
          "base/kustomization.yaml":
            "resources: [web.yaml]\nnamePrefix: base-\nconfigMapGenerator:\n- name: made\n  literals: [a=b]\n",
          "base/web.yaml": configMap("web", "one"),
          "beside/kustomization.yaml": "resources: [../base]\nnameSuffix: -beside\n",
          "nested/kustomization.yaml": `resources: ["${at}/acme/library//common", ../base]\n`,
          "component/kustomization.yaml":
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -with\n",
          "circle/kustomization.yaml": `resources: ["${at}/acme/shop//circle"]\n`,
          "reads-beside/kustomization.yaml": "resources: [../base/web.yaml]\n",
          "leaves/kustomization.yaml": "resources: [../../../etc]\n",
          ".mooringignore": "base/\n",
        },
        "First",
      );
      await shop.git("tag", "v1");
      await shop.git("tag", "-m", "annotated", "annotated");
      await shop.git("branch", "both");
      await shop.commit({ "base/web.yaml": configMap("web", "two") }, "Second");
      await shop.git("tag", "both");
      await shop.git("push", "-q", "origin", "--tags", "refs/heads/both");
      await shop.git("config", "-f", ".gitmodules", "submodule.lib.path", "lib");
      await shop.git("config", "-f", ".gitmodules", "submodule.lib.url", server.repoUrl("acme/library"));
      await shop.git("add", ".gitmodules");
      const linked = await library.git("rev-parse", "HEAD");
      await shop.git("update-index", "--add", "--cacheinfo", `160000,${linked},lib`);
      await shop.git("commit", "-q", "-m", "Link");
      await shop.git("push", "-q", "origin", "HEAD");
      await using page = await createWorkTree(server.pushUrl("acme/page"));
      await page.commit({ "kustomization.yaml": "resources: [p.yaml]\n", "p.yaml": configMap("page", "git") }, "Page");
    });
    afterAll(async () => {
      await Promise.all([shop?.remove(), library?.remove()]);
      await front?.stop();
      await server?.stop();
    });

    async function both(files: Files): Promise<{ readonly ours: Verdict; readonly theirs: Verdict }> {
      const directory = await mkdtemp(join(tmpdir(), "mooring-remote-"));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(directory, path)), { recursive: true });
        await writeFile(join(directory, path), content);
      }
      return { ours: await ourBuild(directory), theirs: await kustomizeBuild(join(directory, "overlay")) };
    }

    const local = { "overlay/local.yaml": configMap("local", "here") };
    const alike: readonly (readonly [what: string, files: () => Files])[] = [
      ["a folder at a tag", () => kustomization(`resources: ["${at}/acme/shop//base?ref=v1"]\nnamespace: one\n`)],
      ["a folder at an annotated tag", () => kustomization(`resources: ["${at}/acme/shop//base?ref=annotated"]\n`)],
      [
        "a folder at a branch, by its short path",
        () => kustomization(`resources: ["${at}/acme/shop/base?ref=main"]\n`),
      ],
      [
        "a tag before a branch of the same name",
        () => kustomization(`resources: ["${at}/acme/shop//base?ref=both"]\n`),
      ],
      ["a full reference name", () => kustomization(`resources: ["${at}/acme/shop//base?ref=refs/heads/both"]\n`)],
      ["half a reference name", () => kustomization(`resources: ["${at}/acme/shop//base?ref=heads/both"]\n`)],
      ["a commit", () => kustomization(`resources: ["${at}/acme/shop.git/base?ref=${first}"]\n`)],
      ["the default branch, forced to be Git", () => kustomization(`resources: ["git::${at}/acme/shop//base"]\n`)],
      ["the root of a repository", () => kustomization(`resources: ["${at}/acme/shop.git"]\n`)],
      ["a base of a base, in the repository", () => kustomization(`resources: ["${at}/acme/shop//beside"]\n`)],
      ["a base of a base, in another repository", () => kustomization(`resources: ["${at}/acme/shop//nested"]\n`)],
      [
        "a component",
        () => ({ ...local, ...kustomization(`resources: [local.yaml]\ncomponents: ["${at}/acme/shop//component"]\n`) }),
      ],
      ["a submodule", () => kustomization(`resources: ["${at}/acme/shop//lib/common"]\n`)],
      ["a file", () => kustomization(`resources: ["${at}/files/web.yaml"]\n`)],
      ["a file that has moved", () => kustomization(`resources: ["${at}/files/moved.yaml"]\n`)],
      ["a page in the place of a file", () => kustomization(`resources: ["${at}/acme/page"]\n`)],
      [
        "a patch",
        () => ({
          ...local,
          ...kustomization(`resources: [local.yaml]\npatches: [{path: "${at}/files/patch.yaml"}]\n`),
        }),
      ],
      [
        "an old patch",
        () => ({
          ...local,
          ...kustomization(`resources: [local.yaml]\npatchesStrategicMerge: ["${at}/files/patch.yaml"]\n`),
        }),
      ],
      [
        "files of a generator",
        () =>
          kustomization(
            `configMapGenerator: [{name: a, files: ["${at}/files/app.env", "key=${at}/files/web.yaml"], envs: ["${at}/files/app.env"]}]\n`,
          ),
      ],
      [
        "where everything came from",
        () => ({
          ...local,
          ...kustomization(
            `resources: [local.yaml, "${at}/acme/shop//base?ref=v1", "${at}/acme/shop.git", "${at}/files/web.yaml"]\nbuildMetadata: [originAnnotations, transformerAnnotations]\nnamePrefix: x-\n`,
          ),
        }),
      ],
    ];

    it.each(alike)("%s", async (_, files) => {
      const { ours, theirs } = await both(files());
      expect(theirs).toHaveProperty("output");
      expect(ours).toEqual(theirs);
    });

    const refused: readonly (readonly [what: string, resource: () => string, why: RegExp])[] = [
      ["a reference that is not there", () => `${at}/acme/shop//base?ref=v9`, /tag or branch v9 does not exist/],
      ["a folder that is not there", () => `${at}/acme/shop//none`, /no such folder/],
      ["a repository that is not there", () => `${at}/acme/none//base`, /there is no repository/],
      ["a file that is not there", () => `${at}/none.yaml`, /there is no file/],
      [
        "a file that is no YAML",
        () => `${at}/files/broken/at/line/three.yaml`,
        /three\.yaml@[0-9a-f]{12}:4:1: the document ends/,
      ],
      [
        "a file that is not there, by a long name",
        () => `${at}/acme/none/main/web.yaml`,
        /there is no file at .*web\.yaml/,
      ],
      ["a circle", () => `${at}/acme/shop//circle`, /cycle detected: URI .*acme\/shop\/\/circle/],
      ["a base that reads beside itself", () => `${at}/acme/shop//reads-beside`, /is not in or below/],
      ["a base that leaves its repository", () => `${at}/acme/shop//leaves`, /leads out of the repository/],
      ["a submodule that is not wanted", () => `${at}/acme/shop//lib/common?submodules=false`, /no such folder/],
    ];

    it.each(refused)("refuses %s", async (_, resource, why) => {
      const { ours, theirs } = await both(kustomization(`resources: ["${resource()}"]\n`));
      expect(theirs).toHaveProperty("error");
      expect(ours).toMatchObject({ error: expect.stringMatching(why) });
    });
  },
);

async function ourBuild(directory: string): Promise<Verdict> {
  // Any port of this machine: as somebody says who means it.
  const network = networkHere({ "no-remote-bases": false, "remote-host": ["127.0.0.1"] }, "none");
  await using reach = reachRemotes({ allowed: true, network });
  const signal = new AbortController().signal;
  try {
    const gathered = await reach.gather(
      directoryTree(directory),
      (tree, remotes) => findRemotes(tree, "overlay", { remotes }),
      signal,
    );
    return { output: renderYaml(await render(gathered.tree, "overlay", { remotes: gathered.remotes })) };
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code !== "Bug") return { error: thrown.message };
    throw thrown;
  }
}

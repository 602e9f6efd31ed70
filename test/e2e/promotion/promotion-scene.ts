import { apiVersion } from "../../../src/api/names.ts";
import type { PromotionStatus } from "../../../src/api/promotion/promotion-status.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import type { RealSops } from "../../seal/real-sops.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import type { Gitea } from "../../support/gitea/gitea.ts";
import { eventually } from "../../support/wait.ts";
import type { World } from "../../support/world.ts";
import { applyAsTest, deployment, namespace } from "../shop.ts";

const { signal } = new AbortController();

/** A pull request as Gitea tells it. */
export interface GiteaPull {
  readonly number: number;
  readonly state: string;
  readonly merged: boolean;
  readonly title: string;
  readonly body: string;
  readonly head: { readonly sha: string; readonly ref: string };
  readonly base: { readonly ref: string };
}

/** One repository with an overlay and a branch for each of its environments, which Environments follow. */
export interface PromotionScene {
  readonly repository: string;
  readonly tree: WorkTree;
  /** Pushes a new image to the first branch, and waits until the API knows. Answers with the commit. */
  readonly push: (image: string, message?: string) => Promise<string>;
  readonly promotion: (name: string, spec: JsonObject) => Promise<void>;
  readonly status: (name: string) => Promise<PromotionStatus>;
  /** Waits until a Promotion has a reason on Ready, and a message that fits. */
  readonly reason: (name: string, reason: string, message?: RegExp) => Promise<PromotionStatus>;
  readonly pulls: () => Promise<readonly GiteaPull[]>;
  /** Waits until the newest pull request to a branch fits. */
  readonly pull: (base: string, fits: (pull: GiteaPull) => boolean, what: string) => Promise<GiteaPull>;
  /** What a branch points to, by Gitea's word. */
  readonly branch: (name: string) => Promise<string>;
  readonly call: Gitea["call"];
}

/**
 * Makes Environments of these names, each on the branch of its name, and waits until they are ready at one commit. With `sops`,
 * which they have the key of, a Secret is generated of an encrypted file.
 */
export async function openScene(
  world: World,
  gitea: Gitea,
  names: readonly string[],
  { spec, sops }: { readonly spec?: JsonObject; readonly sops?: RealSops } = {},
): Promise<PromotionScene> {
  const [first = ""] = names;
  const repository = `acme/${first}`;
  await gitea.createRepo(repository);
  const tree = await createWorkTree(gitea.pushUrl(repository), first);
  const generator =
    "secretGenerator: [{name: app, namespace: shop, files: [app.bin], options: {disableNameSuffixHash: true}}]\n";
  const encrypted = async (image: string) =>
    sops === undefined
      ? { "base/kustomization.yaml": "resources: [web.yaml, secret.yaml, greeting.yaml]\n" }
      : {
          "base/app.bin": (await sops.encrypt("app.bin", `hunter2-${image}`)).toString(),
          "base/kustomization.yaml": `resources: [web.yaml, secret.yaml, greeting.yaml]\n${generator}`,
        };
  const files = async (image: string) => ({
    "base/web.yaml": deployment("web", image, { namespace: "shop" }),
    "base/secret.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: shop}\nstringData: {token: "value-of-${image}"}\n`,
    "base/greeting.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting, namespace: shop}\ndata: {greeting: "\${WORD} from ${image}"}\n`,
    ...(await encrypted(image)),
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`overlays/${name}/kustomization.yaml`, `namespace: ${name}\nresources: [ns.yaml, ../../base]\n`],
        [`overlays/${name}/ns.yaml`, namespace(name)],
      ]),
    ),
  });
  const begin = await tree.commit(await files("web:1"), "Begin");
  for (const name of names.slice(1)) await tree.git("push", "-q", "origin", `HEAD:refs/heads/${name}`);
  for (const name of names) await gitea.untilPushed(repository, name, begin);
  await applyAsTest(world, secret("git", { username: gitea.admin, password: gitea.token }));
  await applyAsTest(world, secret("forge", { token: gitea.token }));
  await applyAsTest(world, secret("vars", { WORD: "open-sesame" }));
  if (sops !== undefined) await applyAsTest(world, secret("sops", { "a.agekey": sops.identity }));
  for (const name of names) {
    await world.environment(name, {
      source: { url: gitea.repoUrl(repository), ref: { branch: name }, secretRef: { name: "git" } },
      path: `./overlays/${name}`,
      interval: "500ms",
      timeout: "60s",
      ...(sops === undefined ? {} : { decryption: { secretRef: { name: "sops" } } }),
      ...spec,
    });
  }
  for (const name of names) await world.condition(name, "Ready", { status: "True", revision: begin });
  return scene(world, gitea, { repository, tree, first, files });
}

function scene(
  world: World,
  gitea: Gitea,
  of: {
    readonly repository: string;
    readonly tree: WorkTree;
    readonly first: string;
    readonly files: (image: string) => Promise<Readonly<Record<string, string>>>;
  },
): PromotionScene {
  const { repository, tree, first, files } = of;
  const pulls = () => gitea.call<readonly GiteaPull[]>("GET", `/repos/${repository}/pulls?state=all&limit=50`);
  const status = async (name: string) => {
    const object = await world.admin.get({ apiVersion, kind: "Promotion", namespace: "mooring-system", name }, signal);
    return (object?.status ?? {}) as PromotionStatus;
  };
  return {
    repository,
    tree,
    async push(image, message = `Use ${image}`) {
      const commit = await tree.commit(await files(image), message);
      await gitea.untilPushed(repository, first, commit);
      return commit;
    },
    async promotion(name, spec) {
      const forge = { type: "gitea", url: gitea.url, repository, secretRef: { name: "forge" } };
      const whole = { forge, interval: "1s", ...spec };
      await applyAsTest(world, {
        apiVersion,
        kind: "Promotion",
        metadata: { name, namespace: "mooring-system" },
        spec: whole,
      });
    },
    status,
    async reason(name, reason, message = /(?:)/) {
      const fits = async () => {
        const current = await status(name);
        const ready = current.conditions?.find(({ type }) => type === "Ready");
        return ready?.reason === reason && message.test(ready.message) ? current : undefined;
      };
      return eventually(fits, { what: `${name} to be ${reason} ${message}`, timeout: 120_000 }).catch(
        async (thrown: unknown) => {
          throw new Error(`${thrown}\n${JSON.stringify(await status(name), undefined, 1)}`);
        },
      );
    },
    pulls,
    pull: (base, fits, what) =>
      eventually(
        async () => {
          const [newest] = (await pulls()).filter((pull) => pull.base.ref === base).sort((a, b) => b.number - a.number);
          return newest !== undefined && fits(newest) ? newest : undefined;
        },
        { what, timeout: 120_000 },
      ),
    branch: async (name) =>
      (
        await gitea.call<{ readonly commit: { readonly id: string } }>(
          "GET",
          `/repos/${repository}/branches/${encodeURIComponent(name)}`,
        )
      ).commit.id,
    call: (method, path, body, token) => gitea.call(method, `/repos/${repository}${path}`, body, token),
  };
}

function secret(name: string, stringData: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "mooring-system" }, stringData };
}

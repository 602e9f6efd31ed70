import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { parseAllDocuments, parseDocument } from "yaml";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import type { GiteaUser } from "../../support/gitea/api.ts";
import { type Gitea, startGitea } from "../../support/gitea/gitea.ts";
import { createChecks } from "../check.ts";
import type { DemoCluster } from "../cluster.ts";
import { examples } from "../repository.ts";
import {
  type Beginning,
  bringInAgent,
  createSecret,
  patienceMs,
  prepareCluster,
  type Stage,
  sealExamples,
} from "../scene.ts";

/** Everything on the stage of the whole story. */
export interface StoryScene extends Stage {
  readonly gitea: Gitea;
  /** `owner/name` of the environment repository. */
  readonly repository: string;
  /** Who commits and merges. */
  readonly person: GiteaUser;
  /** The Environments and the Promotion, as they are applied. */
  readonly objects: readonly KubeObject[];
}

const repository = "acme/environment";

/** What Gitea signs its calls with. */
export const webhookToken: string = randomBytes(24).toString("hex");

/** Sets the stage: cluster, Gitea with a person and an account for the agent, the example on two branches, and the agent. */
export async function setStory(beginning: Beginning): Promise<StoryScene> {
  const { narrator, stack, signal } = beginning;
  const checks = createChecks(narrator, patienceMs, signal);
  const cluster = await prepareCluster(beginning);
  const started = Date.now();
  const gitea = stack.use(await narrator.waiting("starting Gitea", startGitea));
  await gitea.createOrg("acme");
  await gitea.createRepo(repository);
  narrator.fact(`a Gitea: ${gitea.url}/${repository}, private`, Date.now() - started);
  const person = await member(gitea, "alice");
  const robot = await member(gitea, "mooring");
  const agent = await bringInAgent(cluster, checks, beginning);
  await letIn(cluster, gitea, robot, signal);
  const tree = await createWorkTree(withLogin(gitea.repoUrl(repository), person), "staging");
  stack.defer(() => tree.remove());
  await tree.copy(join(examples, "environment"), ".");
  await sealExamples(cluster, tree);
  await pushBoth(gitea, tree);
  narrator.fact("examples/environment pushed to the branches staging and production, its passwords sealed");
  const objects = [...(await environments(gitea)), await promotion(gitea)];
  return { cluster, tree, agent, narrator, checks, signal, gitea, repository, person, objects };
}

/** What the agent needs: to read with, over SSH; to speak to the forge with; and to know by who calls its webhooks. */
async function letIn(cluster: DemoCluster, gitea: Gitea, robot: GiteaUser, signal: AbortSignal): Promise<void> {
  const key = ssh2.utils.generateKeyPairSync("ed25519");
  await gitea.addDeployKey(repository, key.public);
  await createSecret(cluster, "git-auth", { identity: key.private, known_hosts: gitea.knownHosts }, signal);
  await createSecret(cluster, "forge-token", { token: robot.token }, signal);
  await createSecret(cluster, "webhook", { token: webhookToken }, signal);
}

/** Someone who may push to the repository, with a token for no more than Git and pull requests. */
async function member(gitea: Gitea, name: string): Promise<GiteaUser> {
  const user = await gitea.createUser(name, ["write:repository", "write:issue"]);
  await gitea.addCollaborator(repository, name, "write");
  return user;
}

function withLogin(url: string, { name, token }: GiteaUser): string {
  return url.replace("://", `://${name}:${token}@`);
}

async function pushBoth(gitea: Gitea, tree: WorkTree): Promise<void> {
  const commit = await tree.commit({}, "The shop");
  await tree.git("push", "-q", "origin", "HEAD:production");
  for (const branch of ["staging", "production"]) await gitea.untilPushed(repository, branch, commit);
}

function forge(gitea: Gitea): JsonObject {
  return { type: "gitea", url: gitea.url, repository, secretRef: { name: "forge-token" } };
}

/** The Environments of the example, called when something is pushed, and telling the forge what became of it. */
async function environments(gitea: Gitea): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments(await readFile(join(examples, "environment.yaml"), "utf8"));
  return documents.map((document) => {
    document.setIn(["spec", "source", "url"], gitea.repoSshUrl(repository));
    document.setIn(["spec", "source", "webhook"], { secretRef: { name: "webhook" } });
    document.setIn(["spec", "forge"], forge(gitea));
    return document.toJS() as KubeObject;
  });
}

/** The Promotion of the example. */
async function promotion(gitea: Gitea): Promise<KubeObject> {
  const document = parseDocument(await readFile(join(examples, "promotion.yaml"), "utf8"));
  document.setIn(["spec", "forge"], forge(gitea));
  document.setIn(["spec", "soak"], "1s");
  document.setIn(["spec", "interval"], "5s");
  return document.toJS() as KubeObject;
}

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { stringAt } from "../../../src/model/json/json.ts";
import type { Sight } from "../check.ts";
import { addResource, dropResource, mooring, plainSecret, production, setImageTag } from "../repository.ts";
import { exampleEnvironments, type Scene, type Step } from "../scene.ts";
import { deploymentState, environmentState, inProduction, readyAt, storefront } from "../shop.ts";
import { breakAndRollBack, rollForward } from "./rollback-steps.ts";

/** The seven steps, in order; each starts where the one before it ended. */
export const steps: readonly Step<Scene>[] = [
  { title: "First sync: from an empty cluster to healthy", play: firstSync },
  { title: "A commit changes an image", play: changeImage },
  { title: "Somebody tampers with the cluster", play: tamper },
  { title: "A sealed secret is added", play: addSecret },
  { title: "A file is removed", play: removeFile },
  { title: "A commit with a broken image", play: breakAndRollBack },
  { title: "The fix", play: rollForward },
];

async function firstSync({ cluster, git, tree, narrator, checks, signal }: Scene): Promise<void> {
  const commit = await tree.git("rev-parse", "HEAD");
  narrator.act("kubectl apply -f examples/environment.yaml    # with the address of this Git server");
  const started = Date.now();
  const options = { dryRun: false, force: false, fieldManager: "kubectl" };
  for (const object of await exampleEnvironments(git.repoUrl("environment"))) {
    await cluster.admin.apply(object, options, signal);
  }
  for (const name of ["staging", "production"]) {
    const look = async () => readyAt(await environmentState(cluster.admin, name, signal), commit);
    await checks.becomes(`${name} is healthy`, look, started);
  }
  for (const name of ["storefront", "catalog", "mailer"]) {
    const { settled, words } = await deploymentState(
      cluster.admin,
      inProduction("apps/v1", "Deployment", name),
      signal,
    );
    checks.is(words, { holds: settled, seen: words });
  }
  const secret = await cluster.admin.get(inProduction("v1", "Secret", "database"), signal);
  const plain: unknown = parse(await readFile(plainSecret("production"), "utf8"));
  checks.is("the sealed database password is open in the cluster, as it was before it was sealed", {
    holds: decoded(secret, "password") === stringAt(plain, "stringData", "password"),
    seen: secret === undefined ? "no Secret database" : "another value",
  });
}

async function changeImage(scene: Scene): Promise<void> {
  const { cluster, tree, narrator, checks, signal } = scene;
  narrator.act('git commit -m "Storefront 1.28" && git push');
  const commit = await tree.commit(await setImageTag(tree, "storefront", "1.28-alpine"), "Storefront 1.28");
  const pushed = Date.now();
  await checks.becomes(
    "the cluster has the new image",
    async () => {
      const { image, words } = await deploymentState(cluster.admin, storefront, signal);
      return { holds: image.endsWith(":1.28-alpine"), seen: words };
    },
    pushed,
  );
  await checks.becomes("all three replicas run it and are ready", () => allRun(scene, "1.28-alpine"), pushed);
  const look = async () => readyAt(await environmentState(cluster.admin, "production", signal), commit);
  await checks.becomes(`production is healthy at commit ${commit.slice(0, 7)}`, look, pushed);
}

async function tamper({ cluster, narrator, checks, signal }: Scene): Promise<void> {
  const catalog = inProduction("v1", "Service", "catalog");
  narrator.act("kubectl scale deployment storefront --replicas=9");
  const nine = { type: "merge", body: { spec: { replicas: 9 } } } as const;
  await cluster.admin.patch(storefront, nine, { subresource: "scale", fieldManager: "kubectl" }, signal);
  const back = async (): Promise<Sight> => {
    const { wanted } = await deploymentState(cluster.admin, storefront, signal);
    return { holds: wanted === 3, seen: `${wanted} replicas wanted` };
  };
  await checks.becomes("it is three again, as Git says", back);
  const before = await cluster.admin.get(catalog, signal);
  narrator.act("kubectl delete service catalog");
  await cluster.admin.delete(catalog, { propagation: "Background" }, signal);
  await checks.becomes("the Service is there again", async () => {
    const live = await cluster.admin.get(catalog, signal);
    const holds = live !== undefined && live.metadata.uid !== before?.metadata.uid;
    return { holds, seen: holds ? "a new one" : "none" };
  });
}

async function addSecret({ cluster, tree, narrator, checks, signal }: Scene): Promise<void> {
  const [file, token] = ["payments.yaml", randomBytes(16).toString("hex")];
  const metadata = { name: "payments", namespace: storefront.namespace };
  const plain = { apiVersion: "v1", kind: "Secret", metadata, stringData: { token } };
  const path = `${production}/${file}`;
  narrator.act(`mooring seal -w ${path} <payments-secret.yaml`);
  await mooring(cluster, ["seal", "-w", path], { cwd: tree.dir, stdin: JSON.stringify(plain) });
  const sealed = await readFile(join(tree.dir, path), "utf8");
  checks.is("the file can go to Git: its value is sealed", {
    holds: /token: Ag[\w+/]{400}/.test(sealed) && !sealed.includes(token) && !sealed.includes(btoa(token)),
    seen: "a file with something else in it",
  });
  narrator.act('git commit -m "Payments" && git push');
  await tree.commit(await addResource(tree, file), "Payments");
  await checks.becomes("the cluster has the Secret, with the very value", async () => {
    const live = await cluster.admin.get(inProduction("v1", "Secret", "payments"), signal);
    return {
      holds: decoded(live, "token") === token,
      seen: live === undefined ? "no Secret payments" : "another value",
    };
  });
}

async function removeFile({ cluster, tree, narrator, checks, signal }: Scene): Promise<void> {
  const file = "nightly-report.yaml";
  narrator.act(`git rm ${file} && git commit && git push`);
  const before = await environmentState(cluster.admin, "production", signal);
  const change = { ...(await dropResource(tree, file)), [`${production}/${file}`]: undefined };
  const commit = await tree.commit(change, "No more nightly report");
  const pushed = Date.now();
  const gone = async (): Promise<Sight> => {
    const live = await cluster.admin.get(inProduction("batch/v1", "CronJob", "nightly-report"), signal);
    return { holds: live === undefined, seen: "it is there" };
  };
  await checks.becomes("its CronJob is deleted", gone, pushed);
  const look = async () => readyAt(await environmentState(cluster.admin, "production", signal), commit);
  await checks.becomes("production is healthy without it", look, pushed);
  const after = await environmentState(cluster.admin, "production", signal);
  checks.is(`nothing else went: ${before.owned.length - 1} objects of ${before.owned.length} are left`, {
    holds: after.owned.length === before.owned.length - 1 && after.owned.every((id) => before.owned.includes(id)),
    seen: `${after.owned.length} objects`,
  });
}

/** Whether every replica of production's storefront runs this tag and is ready. */
async function allRun({ cluster, signal }: Scene, tag: string): Promise<Sight> {
  const { image, wanted, settled, words } = await deploymentState(cluster.admin, storefront, signal);
  return { holds: image.endsWith(`:${tag}`) && wanted === 3 && settled, seen: words };
}

function decoded(secret: unknown, key: string): string | undefined {
  const value = stringAt(secret, "data", key);
  return value === undefined ? undefined : Buffer.from(value, "base64").toString();
}

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startContract } from "../../promote/contract.ts";
import { git } from "../../support/git/git-command.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { type Gitea, startGitea } from "../../support/gitea/gitea.ts";
import { listenOnFreePort } from "../../support/process/listen.ts";
import { mooringSource } from "../run-mooring.ts";

const run = promisify(execFile);
const examples = resolve(import.meta.dirname, "../../../examples");

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The workflows of examples/ci, step by step as a runner would run them: with its variables, in a clone of its own. */
describe("the workflows for CI", { timeout: 180_000 }, () => {
  let gitea: Gitea;
  let work: WorkTree;
  let folder: string;
  let clone: string;
  let programUrl: string;
  let number: number;
  const server = createServer((_, response) => void response.end(`await import(${JSON.stringify(mooringSource)});\n`));
  const path = "/repos/acme/environment/issues";

  beforeAll(async () => {
    gitea = await startGitea();
    folder = await mkdtemp(join(tmpdir(), "mooring-ci-"));
    clone = join(folder, "clone");
    programUrl = `http://127.0.0.1:${await listenOnFreePort(server)}/mooring.mjs`;
    await gitea.createOrg("acme");
    await gitea.createRepo("acme/environment");
    work = await createWorkTree(gitea.pushUrl("acme/environment"), "production");
    await work.copy(join(examples, "environment"), ".");
    const begin = await work.commit({}, "Begin");
    await work.git("checkout", "-q", "-b", "change");
    const change = await work.commit(
      { "overlays/production/extra.yaml": await extra("first"), ...(await listed()) },
      "Change",
    );
    await gitea.untilPushed("acme/environment", "production", begin);
    await gitea.untilPushed("acme/environment", "change", change);
    const draft = { head: "change", base: "production", title: "Change" };
    ({ number } = await gitea.call<{ number: number }>("POST", "/repos/acme/environment/pulls", draft));
    await git(folder, "clone", "-q", gitea.pushUrl("acme/environment"), clone);
    await git(clone, "checkout", "-q", change);
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await work?.remove();
    await gitea?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const extra = async (value: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, namespace: shop-production}\ndata: {value: ${value}}\n`;
  const listed = async () => {
    const file = "overlays/production/kustomization.yaml";
    const text = await readFile(join(examples, "environment", file), "utf8");
    return { [file]: text.replace("resources:\n", "resources:\n- extra.yaml\n") };
  };

  /** Runs a script as runners do: bash that ends at the first failure, node and git on the path, and these variables. */
  const bash = (script: string, env: Readonly<Record<string, string>>) =>
    run("bash", ["-e", "-o", "pipefail", "-c", script], {
      cwd: clone,
      env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: folder, RUNNER_TEMP: folder, ...env },
    });
  const filled = (text: string, token: string) =>
    text
      .replaceAll(/\$\{\{ vars\.MOORING_URL \}\}/g, programUrl)
      .replaceAll(/\$\{\{ secrets\.GITHUB_TOKEN \}\}/g, token);
  const runActions = async (file: string, token: string, variables: Readonly<Record<string, string>>) => {
    const workflow = parse(await readFile(join(examples, "ci", file), "utf8")) as { jobs: { plan: { steps: Step[] } } };
    for (const { run: script, env = {} } of workflow.jobs.plan.steps) {
      if (script === undefined) continue;
      const own = Object.entries(env).map(([name, value]) => [name, filled(value, token)]);
      await bash(filled(script, token), { ...variables, ...Object.fromEntries(own) });
    }
  };
  const actions = (serverUrl: string) => ({
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: serverUrl,
    GITHUB_REPOSITORY: "acme/environment",
    GITHUB_REF: `refs/pull/${number}/merge`,
    GITHUB_BASE_REF: "production",
    GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
  });
  const marker = "<!-- mooring plan ./overlays/production -->\n";

  it("Gitea Actions: one comment, kept up to date", async () => {
    const bot = await gitea.createUser("ci-bot", ["write:issue"]);
    await gitea.addCollaborator("acme/environment", bot.name, "read");
    const comments = () => gitea.call<readonly { body: string }[]>("GET", `${path}/${number}/comments`);
    await runActions("gitea/mooring.yaml", bot.token, { ...actions(gitea.url), GITEA_ACTIONS: "true" });
    const [first, ...others] = await comments();
    expect(others).toEqual([]);
    expect(first?.body.startsWith(marker)).toBe(true);
    expect(first?.body).toContain("- create `ConfigMap/shop-production/extra`");
    await git(clone, "rm", "-q", "overlays/production/extra.yaml");
    await git(clone, "checkout", "-q", "origin/production", "--", "overlays/production/kustomization.yaml");
    await runActions("gitea/mooring.yaml", bot.token, { ...actions(gitea.url), GITEA_ACTIONS: "true" });
    const [second, ...more] = await comments();
    expect(more).toEqual([]);
    expect(second?.body).not.toContain("ConfigMap/shop-production/extra");
    await git(clone, "reset", "-q", "--hard");
  });

  it("GitHub Actions: the same calls to GitHub, and the plan as the job's summary", async () => {
    const page = "https://docs.github.com/en/rest/issues/comments";
    const comments = `/api/v3/repos/acme/environment/issues/${number}/comments`;
    const listing = { page, method: "GET", path: `${comments}?per_page=100`, answer: [] };
    const headers = { authorization: "Bearer ghs_job" };
    const calls: string[] = [];
    const contract = await startContract([
      { ...listing, headers },
      {
        page,
        method: "POST",
        path: comments,
        headers,
        anyBody: (body) => calls.push(body),
        status: 201,
        answer: { id: 1 },
      },
    ]);
    await runActions("github/mooring.yaml", "ghs_job", actions(contract.url));
    expect(contract.breaches()).toEqual([]);
    const summary = await readFile(join(folder, "summary.md"), "utf8");
    expect(summary).toContain("- create `ConfigMap/shop-production/extra`");
    expect(JSON.parse(calls[0] ?? "")).toEqual({ body: `${marker}${summary}` });
  });

  it("GitLab CI: the same calls to GitLab", async () => {
    const page = "https://docs.gitlab.com/api/notes/";
    const notes = `/api/v4/projects/acme%2Fenvironment/merge_requests/${number}/notes`;
    const headers = { authorization: "Bearer glpat-ci" };
    const calls: string[] = [];
    const contract = await startContract([
      { page, method: "GET", path: `${notes}?per_page=100&sort=asc&order_by=created_at`, headers, answer: [] },
      {
        page,
        method: "POST",
        path: notes,
        headers,
        anyBody: (body) => calls.push(body),
        status: 201,
        answer: { id: 1 },
      },
    ]);
    const file = parse(await readFile(join(examples, "ci/gitlab/mooring.yaml"), "utf8")) as {
      mooring: { script: readonly string[] };
    };
    await bash(file.mooring.script.join("\n").replaceAll("/tmp/mooring.js", `${folder}/mooring.js`), {
      GITLAB_CI: "true",
      CI_SERVER_URL: contract.url,
      CI_PROJECT_PATH: "acme/environment",
      CI_MERGE_REQUEST_IID: String(number),
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "production",
      MOORING_URL: programUrl,
      GITLAB_TOKEN: "glpat-ci",
    });
    expect(contract.breaches()).toEqual([]);
    expect(JSON.parse(calls[0] ?? "").body).toContain("- create `ConfigMap/shop-production/extra`");
  });

  it("outside CI the pull request must be named, and is then found", async () => {
    const plan = `node ${mooringSource} plan --offline --base origin/production --format markdown --comment ./overlays/production`;
    const failure = await bash(plan, {}).catch((thrown: unknown) => thrown as { code: number; stderr: string });
    expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining("the forge is unknown") });
    const where = `--forge gitea --forge-url ${gitea.url} --repository acme/environment --pull-request ${number}`;
    const done = await bash(`${plan} ${where} || [ $? -eq 1 ]`, { MOORING_FORGE_TOKEN: gitea.token });
    expect(done.stderr).toContain(`commented on #${number} of acme/environment`);
    expect(done.stdout).toContain("- create `ConfigMap/shop-production/extra`");
  });
});

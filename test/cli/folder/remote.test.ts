import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { runMooring } from "../run-mooring.ts";

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe("remote bases at the command line", () => {
  let server: GitServer;
  let work: WorkTree;
  let first: string;

  beforeAll(async () => {
    server = await startGitServer();
    await server.createRepo("acme/base");
    await using base = await createWorkTree(server.pushUrl("acme/base"));
    await base.commit({ "app/kustomization.yaml": "resources: [c.yaml]\n", "app/c.yaml": configMap("remote") }, "Base");
    await server.createRepo("environment");
    work = await createWorkTree(server.pushUrl("environment"));
    first = await work.commit(
      {
        "overlay/kustomization.yaml": `resources:\n- own.yaml\n- ${server.url}/acme/base//app?ref=main\n`,
        "overlay/own.yaml": configMap("own"),
      },
      "Overlay",
    );
  });
  afterAll(async () => {
    await work?.remove();
    await server?.stop();
  });

  const mooring = (...args: readonly string[]) => runMooring(args, { cwd: work.dir });
  const host = () => `--remote-host=${new URL(server.url).host}`;

  test("are built", async () => {
    const { code, stdout, stderr } = await mooring("build", "overlay", host());
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${configMap("own")}---\n${configMap("remote")}`,
      stderr: "",
    });
  });

  test("are planned", async () => {
    await work.commit({ "overlay/own.yaml": configMap("renamed") }, "Rename");
    const { code, stdout } = await mooring("plan", "--offline", "--base", first, "./overlay", "-o", "json", host());
    const { actions } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(
      actions
        .filter(({ action }: { action: { type: string } }) => action.type !== "unchanged")
        .map(({ id, action }: { id: { name: string }; action: { type: string } }) => `${action.type} ${id.name}`)
        .sort(),
    ).toEqual(["create renamed", "delete own"]);
  });

  test.each([[["build", "overlay"]], [["plan", "--offline", "--base", "HEAD", "./overlay"]]])(
    "are refused by name with --no-remote-bases: %j",
    async (args) => {
      const { code, stdout, stderr } = await mooring(...args, "--no-remote-bases", host());
      expect(code).not.toBe(0);
      expect(stdout).toBe("");
      expect(stderr).toContain("overlay/kustomization.yaml:3");
      expect(stderr).toContain(`${server.url}/acme/base//app?ref=main is not in the repository`);
    },
  );

  test("are not fetched for a plan of what somebody else wrote, unless that was said", async () => {
    const plan = ["plan", "--offline", "--base", "HEAD", "./overlay"];
    const silent = await mooring(...plan);
    expect(silent.code).toBe(2);
    expect(silent.stderr).toContain("overlay/kustomization.yaml:3");
    expect(silent.stderr).toContain("remote bases are not allowed here");
    expect(silent.stderr).toContain("--remote-host");
    const near = await mooring(...plan, "--remote-bases");
    expect(near.code).toBe(2);
    expect(near.stderr).toContain("127.0.0.1 is a loopback address");
    const other = await mooring(...plan, "--remote-host", "git.example.com");
    expect(other.stderr).toContain("is not among the hosts");
  });

  test("are not built from this machine, unless that was said", async () => {
    const { code, stderr } = await mooring("build", "overlay");
    expect(code).toBe(1);
    expect(stderr).toContain("127.0.0.1 is a loopback address");
    const wrong = await mooring("build", "overlay", "--remote-host", server.url);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("is not a host");
  });

  test("that are not there are told with their place", async () => {
    const text = `resources:\n- ${server.url}/acme/none//app\n`;
    await using other = await createWorkTree(server.pushUrl("environment"), "other");
    await other.commit({ "overlay/kustomization.yaml": text }, "Wrong");
    const { code, stderr } = await runMooring(["build", "overlay", host()], { cwd: other.dir });
    expect(code).toBe(1);
    expect(stderr).toContain("overlay/kustomization.yaml:2");
    expect(stderr).toContain(`there is no repository at ${server.url}/acme/none`);
  });
});

import { access } from "./sealing-lines.ts";

/** Lines of all other commands, with flags that must be heard in them, or refused. */

const anywhere = [...access, "--namespace other"];

/** Lines that ask the cluster: each flag that says which one, and where in it, must be heard. */
export const asking: readonly (readonly [line: string, flags: readonly string[]])[] = [
  ["get environments", anywhere],
  ["get promotions", anywhere],
  ["history shop", anywhere],
  ["drift shop", anywhere],
  ["why shop", anywhere],
  ["reconcile shop --no-wait", anywhere],
  ["rollback shop --timeout 1ms", anywhere],
  ["suspend shop", anywhere],
  ["resume shop", anywhere],
  ["approve shop", anywhere],
  ["plan shop", anywhere],
  ["promote shop shop", anywhere],
  ["check", anywhere],
  ["install", access],
  ["bootstrap --url https://127.0.0.1:9/acme/fleet.git --path a", anywhere],
];

/** Lines that ask none: each of those flags must be refused. */
export const offline: readonly (readonly [line: string, flags: readonly string[]])[] = [
  ["version", anywhere],
  ["completion bash", anywhere],
  ["migrate flux flux.yaml", anywhere],
  ["build app", anywhere],
  ["install --export", access],
];

/** Every other flag, in lines that come out otherwise with it than without it. */
export const heard: readonly (readonly [line: string, flag: string])[] = [
  ["get environments", "--all-namespaces"],
  ["get environments", "--output yaml"],
  ["get promotions", "--all-namespaces"],
  ["get promotions", "--output yaml"],
  ["history shop", "--output json"],
  ["drift shop", "--output json"],
  ["install --export", "--namespace other"],
  ["install --export", "--image registry.example.com/mooring:1"],
  ["install --export", "--tenant team-a"],
  ["install --export --tenant team-a", "--default-service-account robot"],
  ["install", "--export"],
  ["migrate flux flux.yaml", "--output out"],
  ["build app", "--output out.yaml"],
  ["build above", "--load-restrictor LoadRestrictionsNone"],
  ["build chart", "--enable-helm"],
  ["build chart --enable-helm", "--helm-command no-such-helm"],
  ["build app", "--reorder none"],
  ["build remote", "--no-remote-bases"],
  [
    "promote shop shop --forge gitea --forge-url http://127.0.0.1:9 --repository acme/shop --soak 0s",
    "--token-file text",
  ],
  ["build remote", "--remote-host 127.0.0.1:9"],
];

/** And those that cannot be. */
export const refused: readonly (readonly [line: string, flag: string, said: string])[] = [
  ...["--environment shop", "--recovery-private-key key.pem", "--controller-namespace ops", ...access].map(
    (flag) => ["plan --offline --base HEAD ./app", flag, "has no effect with --offline"] as const,
  ),
  ["plan ./app", "--remote-bases", "--remote-bases has no effect without --offline"],
  ["plan --offline --base HEAD ./app --no-remote-bases", "--remote-bases", "has no effect"],
  ...["--pull-request 7", "--forge gitea", "--forge-url http://a", "--repository a/b", "--token-file text"].flatMap(
    (flag) => [
      ["plan ./app", flag, "has no effect without --comment"] as const,
      ["rollback shop", flag, flag.startsWith("--pull") ? "unknown flag" : "has no effect without --pr"] as const,
    ],
  ),
  ["plan ./app --output json", "--format markdown", "--format has no effect with --output"],
  ["plan shop", "--environment shop", "--environment has no effect: shop is an Environment"],
  ["plan ./app --recovery-private-key key.pem", "--controller-namespace ops", "has no effect"],
  ["plan ./app", "--base HEAD", "--offline and --base must be used together"],
  ["plan ./app", "--offline", "--offline and --base must be used together"],
  ["build app", "--helm-command a", "--helm-command has no effect without --enable-helm"],
  ["promote shop next --path ./app", "--recovery-private-key key.pem", "has no effect with --path"],
  ["promote shop next --path ./app", "--controller-namespace ops", "has no effect with --path"],
  ["promote shop shop --recovery-private-key key.pem", "--controller-namespace ops", "has no effect"],
  [
    "promote shop elsewhere --token-file text",
    "--recovery-private-key key.pem",
    "--recovery-private-key has no effect: elsewhere",
  ],
  ["get environments --all-namespaces", "--namespace other", "has no effect with --all-namespaces"],
  ["get promotions --all-namespaces", "--namespace other", "has no effect with --all-namespaces"],
  ["why deployment/shop/web", "--namespace other", "--namespace has no effect: deployment/shop/web names one"],
  ["reconcile shop --no-wait", "--timeout 1m", "--timeout has no effect with --no-wait"],
  ["rollback shop --pr", "--timeout 1m", "--timeout has no effect with --pr"],
  ["rollback shop", "--force", "--force has no effect without --to"],
  ["install --export", "--dry-run", "--dry-run has no effect with --export"],
  ["install --export", "--timeout 1m", "--timeout has no effect with --export"],
  ["install --dry-run", "--timeout 1m", "--timeout has no effect with --dry-run"],
  ["install --export", "--default-service-account a", "--default-service-account requires --tenant"],
  ["bootstrap --url https://a.example/b --path a --token-env X", "--token-file text", "has no effect"],
  ["agent", "--key-cutoff-time never", '--key-cutoff-time: "never" is not a time'],
  ["agent", "--key-renew-period never", '--key-renew-period must be a duration, not "never"'],
];

/** What takes more than a few files and a server of keys is tried where that is. */
export const elsewhere: readonly (readonly [command: string, flags: string, file: string])[] = [
  ["plan", "output remote-bases no-remote-bases remote-host", "cli/folder/offline.test.ts cli/folder/remote.test.ts"],
  ["reconcile", "no-wait timeout", "cli/cluster/environments.test.ts"],
  ["plan", "comment format pull-request", "cli/folder/ci.test.ts"],
  ["promote", "dry-run path soak forge forge-url repository", "e2e/promotion/promotion.test.ts"],
  ["promote", "output", "e2e/promotion/promotion.test.ts"],
  // The same flag, by the same way, as for a plan.
  ["promote", "no-remote-bases remote-host", "cli/folder/remote.test.ts"],
  ["why", "output", "cli/cluster/why.test.ts"],
  ["rollback", "to pr", "cli/cluster/with-agent.test.ts"],
  ["check", "pre output", "cli/cluster/install.test.ts"],
  ["bootstrap", "url branch path image known-hosts username token-env timeout", "cli/cluster/bootstrap.test.ts"],
  ["agent", "watch-namespace", "e2e/source/source.test.ts"],
  ["agent", "listen no-leader-election", "cli/cluster/with-agent.test.ts"],
  ["agent", "default-service-account no-cross-namespace-refs", "manifests/locked-down.test.ts"],
  ["agent", "no-remote-bases", "e2e/source/source.test.ts"],
  ["agent", "remote-host", "source/remotes.test.ts"],
  ["agent", "log-level", "seal/canary.test.ts"],
  ["agent", "cluster-name", "e2e/promotion/forge.test.ts"],
];

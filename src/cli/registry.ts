import type { Entry } from "./command/command.ts";

/** Every command, in the order of the help. */
export const registry: readonly Entry[] = [
  {
    name: "build",
    summary: "Render a folder, as kustomize build does",
    load: async () => (await import("./commands/repository/build.ts")).build,
  },
  {
    name: "plan",
    summary: "Show what a rollout would do",
    load: async () => (await import("./commands/repository/plan.ts")).plan,
  },
  {
    name: "get environments",
    aliases: ["get environment", "get envs", "get env"],
    summary: "List Environments and their state",
    load: async () => (await import("./commands/environment/get-environments.ts")).getEnvironments,
  },
  {
    name: "promote",
    summary: "Open a pull request that promotes a proven revision",
    load: async () => (await import("./commands/promotion/promote.ts")).promote,
  },
  {
    name: "get promotions",
    aliases: ["get promotion", "get promo"],
    summary: "List Promotions and their pull requests",
    load: async () => (await import("./commands/promotion/get-promotions.ts")).getPromotions,
  },
  {
    name: "history",
    summary: "Show the latest rollouts and their outcome",
    load: async () => (await import("./commands/environment/history.ts")).history,
  },
  {
    name: "drift",
    summary: "Show what was changed in the cluster by someone else",
    load: async () => (await import("./commands/environment/drift.ts")).drift,
  },
  {
    name: "why",
    summary: "Explain why an Environment or an object is not ready",
    load: async () => (await import("./commands/environment/why.ts")).why,
  },
  {
    name: "reconcile",
    summary: "Roll out now instead of at the next interval",
    load: async () => (await import("./commands/environment/reconcile.ts")).reconcile,
  },
  {
    name: "rollback",
    summary: "Roll back to an earlier revision and pin it",
    load: async () => (await import("./commands/environment/rollback.ts")).rollback,
  },
  {
    name: "suspend",
    summary: "Stop reconciling an Environment",
    load: async () => (await import("./commands/environment/suspend.ts")).suspend,
  },
  {
    name: "resume",
    summary: "Reconcile a suspended or pinned Environment again",
    load: async () => (await import("./commands/environment/suspend.ts")).resume,
  },
  {
    name: "approve",
    summary: "Approve a held deletion plan",
    load: async () => (await import("./commands/environment/approve.ts")).approve,
  },
  {
    name: "install",
    summary: "Install or upgrade the agent",
    load: async () => (await import("./commands/installation/install.ts")).install,
  },
  {
    name: "bootstrap",
    summary: "Install the agent and manage it from Git",
    load: async () => (await import("./commands/installation/bootstrap.ts")).bootstrap,
  },
  {
    name: "check",
    summary: "Check the cluster and the installation",
    load: async () => (await import("./commands/installation/check.ts")).check,
  },
  {
    name: "migrate flux",
    summary: "Convert Flux objects to Environments",
    load: async () => (await import("./commands/installation/migrate-flux.ts")).flux,
  },
  {
    name: "agent",
    summary: "Run the agent",
    load: async () => (await import("./commands/agent.ts")).agent,
  },
  {
    name: "seal",
    summary: "Seal Secrets, as kubeseal does",
    load: async () => (await import("./commands/sealing/seal.ts")).seal,
  },
  {
    name: "unseal",
    summary: "Decrypt SealedSecrets with the private keys",
    load: async () => (await import("./commands/sealing/unseal.ts")).unseal,
  },
  {
    name: "validate",
    summary: "Check that SealedSecrets can be decrypted",
    load: async () => (await import("./commands/sealing/validate.ts")).validate,
  },
  {
    name: "cert",
    summary: "Print the sealing certificate",
    load: async () => (await import("./commands/sealing/cert.ts")).cert,
  },
  {
    name: "re-encrypt",
    summary: "Reseal a file with the newest key",
    load: async () => (await import("./commands/sealing/re-encrypt.ts")).reEncrypt,
  },
  {
    name: "secrets set",
    summary: "Seal one value into a file",
    load: async () => (await import("./commands/secrets/set.ts")).set,
  },
  {
    name: "secrets unset",
    summary: "Remove sealed values from a file",
    load: async () => (await import("./commands/secrets/unset.ts")).unset,
  },
  {
    name: "secrets rename",
    summary: "Rename a sealed value",
    load: async () => (await import("./commands/secrets/rename.ts")).rename,
  },
  {
    name: "secrets list",
    summary: "List sealed values",
    load: async () => (await import("./commands/secrets/list.ts")).list,
  },
  {
    name: "secrets verify",
    summary: "Check SealedSecrets without a cluster",
    load: async () => (await import("./commands/secrets/verify.ts")).verify,
  },
  {
    name: "secrets reseal",
    summary: "Reseal values that were sealed with an older key",
    load: async () => (await import("./commands/secrets/reseal.ts")).reseal,
  },
  {
    name: "secrets backup",
    summary: "Back up the sealing keys to an encrypted file",
    load: async () => (await import("./commands/secrets/backup.ts")).backup,
  },
  {
    name: "secrets restore",
    summary: "Restore sealing keys from a backup",
    load: async () => (await import("./commands/secrets/restore.ts")).restore,
  },
  {
    name: "secrets doctor",
    summary: "Show the sealing keys and how many values use each",
    load: async () => (await import("./commands/secrets/doctor.ts")).doctor,
  },
  {
    name: "completion",
    summary: "Print a shell completion script",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
  {
    name: "version",
    summary: "Print the version of this program",
    load: async () => (await import("./commands/version.ts")).version,
  },
];

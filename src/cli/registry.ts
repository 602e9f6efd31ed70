import type { Entry } from "./command/command.ts";

/** Every command, in the order of the help. */
export const registry: readonly Entry[] = [
  {
    name: "build",
    summary: "Render a folder as kustomize build does",
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
    summary: "Show Environments and how they are",
    load: async () => (await import("./commands/environment/get-environments.ts")).getEnvironments,
  },
  {
    name: "promote",
    summary: "Propose what is proven in one Environment to the next",
    load: async () => (await import("./commands/promotion/promote.ts")).promote,
  },
  {
    name: "get promotions",
    aliases: ["get promotion", "get promo"],
    summary: "Show Promotions and their pull requests",
    load: async () => (await import("./commands/promotion/get-promotions.ts")).getPromotions,
  },
  {
    name: "history",
    summary: "Show the last rollouts and how they ended",
    load: async () => (await import("./commands/environment/history.ts")).history,
  },
  {
    name: "drift",
    summary: "Show what someone else changed",
    load: async () => (await import("./commands/environment/drift.ts")).drift,
  },
  {
    name: "why",
    summary: "Show what keeps an Environment or an object from being ready",
    load: async () => (await import("./commands/environment/why.ts")).why,
  },
  {
    name: "reconcile",
    summary: "Roll out now instead of at the next interval",
    load: async () => (await import("./commands/environment/reconcile.ts")).reconcile,
  },
  {
    name: "rollback",
    summary: "Go back to an earlier revision and stay there",
    load: async () => (await import("./commands/environment/rollback.ts")).rollback,
  },
  {
    name: "suspend",
    summary: "Leave an Environment alone",
    load: async () => (await import("./commands/environment/suspend.ts")).suspend,
  },
  {
    name: "resume",
    summary: "Take care of an Environment again",
    load: async () => (await import("./commands/environment/suspend.ts")).resume,
  },
  {
    name: "approve",
    summary: "Let a plan run that the brake on deletions holds",
    load: async () => (await import("./commands/environment/approve.ts")).approve,
  },
  {
    name: "install",
    summary: "Install or upgrade the agent",
    load: async () => (await import("./commands/installation/install.ts")).install,
  },
  {
    name: "bootstrap",
    summary: "Let the agent manage itself from Git",
    load: async () => (await import("./commands/installation/bootstrap.ts")).bootstrap,
  },
  {
    name: "check",
    summary: "Tell whether cluster and installation fit this program",
    load: async () => (await import("./commands/installation/check.ts")).check,
  },
  {
    name: "migrate flux",
    summary: "Make Environments of Flux's objects",
    load: async () => (await import("./commands/installation/migrate-flux.ts")).flux,
  },
  {
    name: "agent",
    summary: "Run the agent that keeps Environments",
    load: async () => (await import("./commands/agent.ts")).agent,
  },
  {
    name: "seal",
    summary: "Seal Secrets, as kubeseal does",
    load: async () => (await import("./commands/sealing/seal.ts")).seal,
  },
  {
    name: "unseal",
    summary: "Open SealedSecrets with private keys at hand",
    load: async () => (await import("./commands/sealing/unseal.ts")).unseal,
  },
  {
    name: "validate",
    summary: "Tell whether SealedSecrets can be opened",
    load: async () => (await import("./commands/sealing/validate.ts")).validate,
  },
  {
    name: "cert",
    summary: "Print the certificate to seal with",
    load: async () => (await import("./commands/sealing/cert.ts")).cert,
  },
  {
    name: "re-encrypt",
    summary: "Seal a file anew with the newest key",
    load: async () => (await import("./commands/sealing/re-encrypt.ts")).reEncrypt,
  },
  {
    name: "secrets set",
    summary: "Seal one value into a file",
    load: async () => (await import("./commands/secrets/set.ts")).set,
  },
  {
    name: "secrets unset",
    summary: "Take sealed values out of a file",
    load: async () => (await import("./commands/secrets/unset.ts")).unset,
  },
  {
    name: "secrets rename",
    summary: "Give a sealed value another name",
    load: async () => (await import("./commands/secrets/rename.ts")).rename,
  },
  {
    name: "secrets list",
    summary: "Show which values are sealed where",
    load: async () => (await import("./commands/secrets/list.ts")).list,
  },
  {
    name: "secrets verify",
    summary: "Check sealed secrets without a cluster",
    load: async () => (await import("./commands/secrets/verify.ts")).verify,
  },
  {
    name: "secrets reseal",
    summary: "Seal anew what is sealed with an older key",
    load: async () => (await import("./commands/secrets/reseal.ts")).reseal,
  },
  {
    name: "secrets backup",
    summary: "Write all sealing keys into one encrypted file",
    load: async () => (await import("./commands/secrets/backup.ts")).backup,
  },
  {
    name: "secrets restore",
    summary: "Bring sealing keys back from a backup",
    load: async () => (await import("./commands/secrets/restore.ts")).restore,
  },
  {
    name: "secrets doctor",
    summary: "Show the sealing keys, and what is sealed with each",
    load: async () => (await import("./commands/secrets/doctor.ts")).doctor,
  },
  {
    name: "completion",
    summary: "Print a completion script for a shell",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
  {
    name: "version",
    summary: "Print the version of this program",
    load: async () => (await import("./commands/version.ts")).version,
  },
];

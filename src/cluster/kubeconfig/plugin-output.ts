/** So much of what a program wrote is shown. */
const shownLength = 500;

/**
 * The end of what a login program wrote to stderr, on one line, with the secrets of its environment masked. It is for the
 * kubeconfig's owner, as kubectl shows it.
 */
export function endOfOutput(stderr: string, env: Readonly<Record<string, string>>): string {
  const secrets = Object.entries(env)
    .filter(([name, value]) => /token|secret|passw|key/i.test(name) && value !== "")
    .map(([, value]) => value);
  const masked = secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), stderr);
  const lines = masked.split("\n").map((line) => line.replace(/[^\P{C}\t]/gu, " ").trim());
  return lines
    .filter((line) => line !== "")
    .join("; ")
    .slice(-shownLength);
}

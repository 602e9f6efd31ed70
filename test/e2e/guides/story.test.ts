import { expect, test } from "vitest";
import { startDemo } from "../../demo/run-demo.ts";

const minutes = 60_000;

test(
  "npm run demo -- --full: from a push to production, and back from a bad commit",
  async () => {
    await using demo = await startDemo("npm", ["run", "demo", "--", "--full"]);
    expect(await demo.ended, demo.output()).toBe(0);
    const output = demo.output();
    expect([...output.matchAll(/^(\d)\. /gm)].map(([, number]) => number)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    // In this order, each seen in the cluster or in Gitea itself.
    const facts = [
      "staging is healthy at the commit",
      "production is where it was",
      "one pull request to production is open, at that very commit",
      "it says what changes in production: the image of the storefront, from 1.27 to 1.28",
      "production is healthy at the merge",
      "its cause of failure is known, and staging has returned to the version before",
      "a pull request to staging is open that takes the bad commit back",
      "staging is healthy at the merge",
      "the bad commit was never proposed to production",
    ];
    const told = output.split("\n").flatMap((line) => facts.filter((fact) => line.startsWith(`  ✓ ${fact}`)));
    expect(told).toEqual(facts);
    expect(output).toContain("All 7 steps were true, checked against the API server and Gitea");
    expect(await demo.remains()).toEqual([]);
  },
  10 * minutes,
);

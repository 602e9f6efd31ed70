// Runs before anything in TypeScript does, so it is in words that every Node understands.
const needed = 24;
if (Number(process.versions.node.split(".")[0]) < needed) {
  console.error(
    `Node ${needed} or later is needed and this is ${process.versions.node}. "npm ci" brings the right one along; if it did, ` +
      "it could not run its install scripts (--ignore-scripts): run npm ci again without that, or install a newer Node.",
  );
  process.exit(1);
}

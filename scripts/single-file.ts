/**
 * Puts the chunks of a bundle into one file that loads each of them when it is first imported. Node parses all of a file
 * before it runs any of it, and five megabytes take longer than most commands; a text between quotes it only skims.
 * `chunks` are ES modules by file name that import each other by `./name`; `entry` is the one to start with, but for a first
 * argument that stands in `others`. What stands before it imports `module` from Node.
 */
export function singleFile(
  chunks: Readonly<Record<string, string>>,
  entry: string,
  others: Readonly<Record<string, string>> = {},
): string {
  const texts = Object.entries(chunks).map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`);
  return `const chunks = {
${texts.join(",\n")}
};
const home = import.meta.url + "/";
const within = (url) => url.startsWith(home) && Object.hasOwn(chunks, url.slice(home.length));
module.registerHooks({
  resolve(specifier, context, next) {
    const url = specifier.startsWith("./") ? new URL(specifier, context.parentURL).href : specifier;
    return within(url) ? { url, format: "module", shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    if (!within(url)) return next(url, context);
    return { format: "module", source: chunks[url.slice(home.length)], shortCircuit: true };
  },
});
const others = new Map(Object.entries(${JSON.stringify(others)}));
await import(home + (others.get(process.argv[2]) ?? ${JSON.stringify(entry)}));
`;
}

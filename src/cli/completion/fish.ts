import type { Completable, FlagWord } from "./vocabulary.ts";

/** The completion script for fish: `mooring completion fish | source`. */
export function fishCompletion(table: readonly Completable[]): string {
  return `# fish completion for mooring
function __mooring_path
  set -l words (string match --invert -- '-*' (commandline -opc)[2..-1])
  set -l path (string join ' ' -- $words)
  string match --quiet -- "$argv[1] *" "$path "
end
function __mooring_start
  test (count (string match --invert -- '-*' (commandline -opc))) -eq 1
end
complete -c mooring -f -n __mooring_start
${table.flatMap(lines).join("\n")}
`;
}

function lines({ path, words, flags }: Completable): readonly string[] {
  const condition = path === "" ? "__mooring_start" : `__mooring_path ${quote(path)}`;
  const start = `complete -c mooring -n ${quote(condition)}`;
  return [
    ...words.map(([word, summary]) => `${start} -f -a ${quote(word)}${description(summary)}`),
    ...flags.map((flag) => `${start}${flagPart(flag)}${description(flag.summary)}`),
  ];
}

function flagPart(flag: FlagWord): string {
  const short = flag.short === undefined ? "" : ` -s ${flag.short}`;
  const choices = flag.choices.length === 0 ? "" : ` -f -a ${quote(flag.choices.join(" "))}`;
  return ` -l ${flag.long}${short}${flag.takesValue ? " -r" : ""}${choices}`;
}

const description = (summary: string) => (summary === "" ? "" : ` -d ${quote(summary)}`);

const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

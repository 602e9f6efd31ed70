import type { Completable, FlagWord } from "./vocabulary.ts";

/** The completion script for bash: `source <(mooring completion bash)`. File names complete where no word does. */
export function bashCompletion(table: readonly Completable[]): string {
  return `# bash completion for mooring
_mooring() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" flags="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || path="\${path:+$path }$word"
  done
  case "$path " in
${table.map(branch).join("\n")}
  esac
  [[ $current == -* ]] && words="$flags"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mooring mooring
`;
}

function branch({ path, words, flags }: Completable): string {
  const pattern = path === "" ? "*" : `"${path} "*`;
  const spellings = flags.flatMap((flag) => [
    `--${flag.long}`,
    ...(flag.short === undefined ? [] : [`-${flag.short}`]),
  ]);
  const values = flags.filter((flag) => flag.takesValue).map(valueBranch);
  return [
    `    ${pattern})`,
    `      words="${words.map(([word]) => word).join(" ")}"`,
    `      flags="${spellings.join(" ")}"`,
    `      case "$previous" in`,
    ...values,
    "      esac",
    "      ;;",
  ].join("\n");
}

function valueBranch(flag: FlagWord): string {
  const pattern = flag.short === undefined ? `--${flag.long}` : `--${flag.long} | -${flag.short}`;
  return `        ${pattern}) words="${flag.choices.join(" ")}" ;;`;
}

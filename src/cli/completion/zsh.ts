import type { Completable, FlagWord } from "./vocabulary.ts";

/** The completion script for zsh: `source <(mooring completion zsh)`, or a file `_mooring` in `$fpath`. */
export function zshCompletion(table: readonly Completable[]): string {
  return `#compdef mooring
# zsh completion for mooring
_mooring() {
  local context state line word words_path=""
  local -a commands
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] || words_path="\${words_path:+$words_path }$word"
  done
  case "$words_path " in
${table.map(branch).join("\n")}
  esac
}
if [[ "$funcstack[1]" == _mooring ]]; then _mooring "$@"; else compdef _mooring mooring; fi
`;
}

function branch({ path, words, flags }: Completable): string {
  const pattern = path === "" ? "*" : `"${path} "*`;
  const described = words.map(([word, summary]) => quote(summary === "" ? word : `${word}:${summary}`));
  const then = words.length === 0 ? '"*:file:_files"' : '"*: :->words"';
  return [
    `    ${pattern})`,
    `      commands=(${described.join(" ")})`,
    `      _arguments ${[...flags.flatMap(spec), then].join(" ")}`,
    `      [[ $state == words ]] && _describe word commands`,
    "      ;;",
  ].join("\n");
}

function spec(flag: FlagWord): readonly string[] {
  const summary = flag.summary.replaceAll(/[[\]:]/g, "\\$&");
  const action = flag.choices.length > 0 ? `(${flag.choices.join(" ")})` : "_files";
  const value = flag.takesValue ? `:${flag.long}:${action}` : "";
  const spellings = [`--${flag.long}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])];
  return spellings.map((spelling) => quote(`${spelling}[${summary}]${value}`));
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

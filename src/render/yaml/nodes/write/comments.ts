/** Comments that wait to be written. */
export interface Waiting {
  readonly head: string;
  readonly line: string;
  readonly foot: string;
  readonly tail: string;
}

/** Writes text in lines and columns, and comments in between. Source: go.yaml.in/yaml/v3 emitterc.go. */
export class CommentWriter {
  output = "";
  column = 0;
  indent = -1;
  /** Whether the last character was white space. */
  whitespace = true;
  /** Whether there was nothing but indentation and dashes on this line. */
  indention = true;
  /** The indentation of a comment that was written below something: what follows there is set off by an empty line. */
  footIndent = -1;
  head = "";
  line = "";
  foot = "";
  tail = "";
  readonly #indents: number[] = [];

  /** Takes over comments; those still waiting stay where there are none of their kind. */
  note({ head, line, foot, tail }: Waiting): void {
    if (head !== "") this.head = head;
    if (line !== "") this.line = line;
    if (foot !== "") this.foot = foot;
    if (tail !== "") this.tail = tail;
  }

  /** Writes text that has no line break. */
  put(text: string): void {
    this.output += text;
    this.column += text.length;
  }

  /** Writes a line break. */
  putBreak(): void {
    this.output += "\n";
    this.column = 0;
    this.indention = true;
  }

  /** Writes a line break of a text. */
  writeBreak(character: string): void {
    if (character === "\n") this.putBreak();
    else {
      this.output += character;
      this.column = 0;
      this.indention = true;
    }
  }

  /** Goes to the start of a line that is indented as it has to be. */
  writeIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) this.putBreak();
    if (this.footIndent === indent) this.putBreak();
    if (this.column < indent) this.put(" ".repeat(indent - this.column));
    this.whitespace = true;
    this.footIndent = -1;
  }

  /** Writes an indicator. */
  indicator(text: string, needsSpace: boolean, isSpaceItself: boolean, isIndention: boolean): void {
    if (needsSpace && !this.whitespace) this.put(" ");
    this.put(text);
    this.whitespace = isSpaceItself;
    this.indention = this.indention && isIndention;
  }

  /** Writes a word directly behind what is there. */
  word(text: string): void {
    this.put(text);
    this.whitespace = false;
    this.indention = false;
  }

  /** Writes a word, with a space before it. */
  spaced(text: string): void {
    if (!this.whitespace) this.put(" ");
    this.word(text);
  }

  /** Goes one level deeper. */
  pushIndent(isFlow: boolean, inList: boolean, compact: boolean): void {
    this.#indents.push(this.indent);
    if (this.indent < 0) this.indent = isFlow ? 2 : 0;
    else if (inList) this.indent += 2;
    else this.indent = 2 * Math.floor((this.indent + 2) / 2) - (compact ? 2 : 0);
  }

  /** Goes one level up. */
  popIndent(): void {
    this.indent = this.#indents.pop() ?? -1;
  }

  /** Writes what stands below the member before and above this one. */
  writeHead(): void {
    if (this.tail !== "") {
      this.writeIndent();
      this.#comment(this.tail);
      this.tail = "";
      this.footIndent = Math.max(this.indent, 0);
    }
    if (this.head === "") return;
    this.writeIndent();
    this.#comment(this.head);
    this.head = "";
  }

  /** Writes what stands beside. */
  writeLine(breaks = false): void {
    if (this.line === "") {
      if (breaks) this.putBreak();
      return;
    }
    if (!this.whitespace) this.put(" ");
    this.#comment(this.line);
    this.line = "";
  }

  /** Writes what stands below. */
  writeFoot(): void {
    if (this.foot === "") return;
    this.writeIndent();
    this.#comment(this.foot);
    this.foot = "";
    this.footIndent = Math.max(this.indent, 0);
  }

  #comment(text: string): void {
    let breaks = false;
    let pound = false;
    for (const character of text) {
      if (/[\n\r\u0085\u2028\u2029]/.test(character)) {
        this.writeBreak(character);
        breaks = true;
        pound = false;
        continue;
      }
      if (breaks) this.writeIndent();
      if (!pound && character !== "#") this.put("# ");
      pound = true;
      this.put(character);
      this.indention = false;
      breaks = false;
    }
    if (!breaks) this.putBreak();
    this.whitespace = true;
  }
}

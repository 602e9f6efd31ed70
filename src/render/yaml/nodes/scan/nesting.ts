/** How deep a text is nested where it is being read: blocks by their indentation, brackets by their number. */
export class Nesting {
  readonly #outer: number[] = [];
  #indent = -1;
  #brackets = 0;

  /** The column of the innermost block; -1 outside of all. */
  get indent(): number {
    return this.#indent;
  }

  /** Whether brackets are open, between which indentation means nothing. */
  get inFlow(): boolean {
    return this.#brackets > 0;
  }

  /** A bracket opens. */
  open(): void {
    this.#brackets++;
  }

  /** A bracket closes; tells whether one was open. */
  close(): boolean {
    if (this.#brackets === 0) return false;
    this.#brackets--;
    return true;
  }

  /** A block may begin in a column; tells whether it does, and is not the one that is there already. */
  enter(column: number): boolean {
    if (this.inFlow || this.#indent >= column) return false;
    this.#outer.push(this.#indent);
    this.#indent = column;
    return true;
  }

  /** Ends the innermost block where it stands behind a column, and tells in which; undefined where none does. */
  leave(column: number): number | undefined {
    if (this.inFlow || this.#indent <= column) return undefined;
    const left = this.#indent;
    this.#indent = this.#outer.pop() ?? -1;
    return left;
  }
}

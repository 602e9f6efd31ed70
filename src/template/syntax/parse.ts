import { functionNamed } from "../functions/functions.ts";
import { templateError, type Value } from "../value.ts";
import { split, type Token, tokens } from "./lex.ts";

/** One operand, with the fields taken from it: `.a.b`, `$x.c`, `(f .y).z`. */
export interface Operand {
  readonly base:
    | { readonly type: "dot" }
    | { readonly type: "literal"; readonly value: Value }
    | { readonly type: "variable"; readonly name: string }
    | { readonly type: "call"; readonly name: string }
    | { readonly type: "pipeline"; readonly pipeline: Pipeline };
  readonly fields: readonly string[];
}

/** Commands: each takes the result of the one before as its last argument. */
export interface Pipeline {
  readonly variables: readonly string[];
  /** `:=` declares the variables, `=` assigns them. */
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

/** A parsed template. */
export type Node =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "print"; readonly pipeline: Pipeline }
  | {
      readonly type: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

interface Block {
  readonly type: "if" | "with" | "range";
  readonly pipeline: Pipeline;
  readonly body: Node[];
  otherwise: Node[] | undefined;
  /** Closed by the same `end` as the block around it: `else if` opens one inside the other. */
  readonly chained: boolean;
}

const unsupported = new Set(["define", "template", "block", "break", "continue"]);

/** Parses a template. Throws `templateError` for invalid syntax, and naming what is not supported. */
export function parse(source: string): readonly Node[] {
  const root: Node[] = [];
  const open: Block[] = [];
  const target = () => {
    const block = open.at(-1);
    return block === undefined ? root : (block.otherwise ?? block.body);
  };
  for (const piece of split(source)) {
    if ("text" in piece) target().push({ type: "text", text: piece.text });
    else readAction(tokens(piece.action), open, target);
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw templateError(`{{${unclosed.type}}} is not closed by {{end}}`);
  return root;
}

function readAction(words: readonly Token[], open: Block[], target: () => Node[]): void {
  const first = words[0];
  const keyword = first?.type === "word" ? first.text : "";
  if (unsupported.has(keyword)) throw templateError(`{{${keyword}}} is not supported`);
  if (keyword === "if" || keyword === "with" || keyword === "range") {
    const pipeline = pipelineOf(words.slice(1), keyword === "range" ? 2 : 1);
    open.push({ type: keyword, pipeline, body: [], otherwise: undefined, chained: false });
  } else if (keyword === "else") {
    readElse(words.slice(1), open);
  } else if (keyword === "end") {
    close(words, open, target);
  } else {
    target().push({ type: "print", pipeline: pipelineOf(words) });
  }
}

function readElse(words: readonly Token[], open: Block[]): void {
  const block = open.at(-1);
  if (block === undefined || block.otherwise !== undefined) throw templateError("unexpected {{else}}");
  block.otherwise = [];
  const [next] = words;
  if (next === undefined) return;
  if (next.type !== "word" || (next.text !== "if" && next.text !== "with") || block.type === "range") {
    throw templateError("unexpected word after {{else}}: only if and with may follow");
  }
  open.push({ type: next.text, pipeline: pipelineOf(words.slice(1)), body: [], otherwise: undefined, chained: true });
}

function close(words: readonly Token[], open: Block[], target: () => Node[]): void {
  if (words.length > 1) throw templateError("unexpected word after {{end}}");
  let chained = true;
  while (chained) {
    const block = open.pop();
    if (block === undefined) throw templateError("unexpected {{end}}");
    const { type, pipeline, body, otherwise = [] } = block;
    target().push({ type, pipeline, body, otherwise });
    chained = block.chained;
  }
}

/** Reads tokens one at a time. */
interface Reader {
  peek(): Token | undefined;
  next(): Token | undefined;
}

function pipelineOf(words: readonly Token[], maxVariables = 1): Pipeline {
  let position = 0;
  const reader: Reader = { peek: () => words[position], next: () => words[position++] };
  const pipeline = readPipeline(reader, words);
  if (pipeline.variables.length > maxVariables) throw templateError("too many variables are declared at once");
  if (reader.peek() !== undefined) throw templateError("unexpected closing parenthesis in an action");
  return pipeline;
}

const isMark = (token: Token | undefined, text: string) => token?.type === "mark" && token.text === text;

function readPipeline(reader: Reader, words: readonly Token[]): Pipeline {
  const declared = words.findIndex((token) => isMark(token, ":=") || isMark(token, "="));
  const variables: string[] = [];
  const declares = isMark(words[declared], ":=");
  for (let index = 0; index <= declared; index++) {
    const token = reader.next();
    if (token?.type === "variable") variables.push(token.text);
    else if (index !== declared && !isMark(token, ",")) throw templateError("only a variable can be assigned");
  }
  const commands: (readonly Operand[])[] = [];
  do commands.push(readCommand(reader));
  while (isMark(reader.peek(), "|") && reader.next() !== undefined && !isEnd(reader.peek()));
  return { variables, declares, commands };
}

/** Go allows a `|` behind the last command. */
const isEnd = (token: Token | undefined) => token === undefined || isMark(token, ")");

function readCommand(reader: Reader): readonly Operand[] {
  const operands: Operand[] = [];
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    if (isMark(token, "|") || isMark(token, ")")) break;
    operands.push(readOperand(reader));
  }
  if (operands.length === 0) throw templateError("an action, or a command in it, is empty");
  const [first] = operands;
  if (first?.base.type === "literal" && first.base.value === null) throw templateError("nil is not a command");
  return operands;
}

function readOperand(reader: Reader): Operand {
  const token = reader.next();
  const base = readBase(token, reader);
  const fields: string[] = token?.type === "field" ? [token.text] : [];
  for (let next = reader.peek(); next?.type === "field" && next.adjacent; next = reader.peek()) {
    fields.push(next.text);
    reader.next();
  }
  return { base, fields };
}

function readBase(token: Token | undefined, reader: Reader): Operand["base"] {
  switch (token?.type) {
    case "literal":
      return { type: "literal", value: token.value };
    case "variable":
      return { type: "variable", name: token.text };
    case "field":
      return { type: "dot" };
    case "word":
      if (token.text === "nil") return { type: "literal", value: null };
      functionNamed(token.text);
      return { type: "call", name: token.text };
    default:
      if (isMark(token, ".")) return { type: "dot" };
      if (!isMark(token, "(")) throw templateError("an action has a punctuation mark where a value is expected");
      return { type: "pipeline", pipeline: readParenthesis(reader) };
  }
}

function readParenthesis(reader: Reader): Pipeline {
  const pipeline = readPipeline(reader, []);
  if (!isMark(reader.next(), ")")) throw templateError("a parenthesis is not closed");
  return pipeline;
}

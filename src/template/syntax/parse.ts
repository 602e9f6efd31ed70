import { functionNamed } from "../functions/functions.ts";
import { refusal, type Value } from "../value.ts";
import { cut, type Token, tokens } from "./lex.ts";

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

/** Commands, each fed with the result of the one before as its last argument. */
export interface Pipeline {
  readonly variables: readonly string[];
  /** `:=` makes the variables, `=` sets them. */
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
  /** Blocks that one `end` closes together: `else if` opens one inside the other. */
  readonly joined: boolean;
}

const unsupported = new Set(["define", "template", "block", "break", "continue"]);

/** Parses a template. Throws `Failure` (SealInvalid) for what is no template, or uses what is not supported, by name. */
export function parse(source: string): readonly Node[] {
  const root: Node[] = [];
  const open: Block[] = [];
  const target = () => {
    const block = open.at(-1);
    return block === undefined ? root : (block.otherwise ?? block.body);
  };
  for (const piece of cut(source)) {
    if ("text" in piece) target().push({ type: "text", text: piece.text });
    else readAction(tokens(piece.action), open, target);
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw refusal(`{{${unclosed.type}}} is not closed by {{end}}`);
  return root;
}

function readAction(words: readonly Token[], open: Block[], target: () => Node[]): void {
  const first = words[0];
  const keyword = first?.type === "word" ? first.text : "";
  if (unsupported.has(keyword)) throw refusal(`{{${keyword}}} is not supported`);
  if (keyword === "if" || keyword === "with" || keyword === "range") {
    open.push({ type: keyword, pipeline: pipelineOf(words.slice(1)), body: [], otherwise: undefined, joined: false });
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
  if (block === undefined || block.otherwise !== undefined) throw refusal("{{else}} stands where none belongs");
  block.otherwise = [];
  const [next] = words;
  if (next === undefined) return;
  if (next.type !== "word" || (next.text !== "if" && next.text !== "with") || block.type === "range") {
    throw refusal("{{else}} can only be followed by if or with");
  }
  open.push({ type: next.text, pipeline: pipelineOf(words.slice(1)), body: [], otherwise: undefined, joined: true });
}

function close(words: readonly Token[], open: Block[], target: () => Node[]): void {
  if (words.length > 1) throw refusal("{{end}} takes nothing");
  let joined = true;
  while (joined) {
    const block = open.pop();
    if (block === undefined) throw refusal("{{end}} stands where none belongs");
    const { type, pipeline, body, otherwise = [] } = block;
    target().push({ type, pipeline, body, otherwise });
    joined = block.joined;
  }
}

/** Reads tokens one by one. */
interface Reader {
  peek(): Token | undefined;
  next(): Token | undefined;
}

function pipelineOf(words: readonly Token[]): Pipeline {
  let position = 0;
  const reader: Reader = { peek: () => words[position], next: () => words[position++] };
  const pipeline = readPipeline(reader, words);
  if (reader.peek() !== undefined) throw refusal("an action has a closing parenthesis too many");
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
    else if (index !== declared && !isMark(token, ",")) throw refusal("only variables can be assigned to");
  }
  const commands: (readonly Operand[])[] = [];
  do commands.push(readCommand(reader));
  while (isMark(reader.peek(), "|") && reader.next() !== undefined);
  return { variables, declares, commands };
}

function readCommand(reader: Reader): readonly Operand[] {
  const operands: Operand[] = [];
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    if (isMark(token, "|") || isMark(token, ")")) break;
    operands.push(readOperand(reader));
  }
  if (operands.length === 0) throw refusal("an action, or a part of one, is empty");
  return operands;
}

function readOperand(reader: Reader): Operand {
  const token = reader.next();
  const base = readBase(token, reader);
  const fields: string[] = token?.type === "field" ? [token.text] : [];
  for (let next = reader.peek(); next?.type === "field" && next.glued; next = reader.peek()) {
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
      if (!isMark(token, "(")) throw refusal("an action holds a mark where a value belongs");
      return { type: "pipeline", pipeline: readParenthesis(reader) };
  }
}

function readParenthesis(reader: Reader): Pipeline {
  const pipeline = readPipeline(reader, []);
  if (!isMark(reader.next(), ")")) throw refusal("a parenthesis is not closed");
  return pipeline;
}

import type { AccessFlags, Cluster } from "../../cluster/index.ts";
import type { Input, Output, Sink } from "../print/streams.ts";

/** A flag as it is declared; its name is the key it stands under, without the dashes. */
export type Flag =
  | { readonly type: "boolean"; readonly short?: string; readonly summary: string }
  | {
      readonly type: "string";
      readonly short?: string;
      readonly summary: string;
      /** What the value is, for the help: `FILE`. */
      readonly value: string;
      readonly choices?: readonly string[];
      readonly default?: string;
      /** What it names, where that has to look like a name. */
      readonly names?: Names;
    }
  /** A span of time, such as `90s` or `1h30m`; gives milliseconds. */
  | { readonly type: "duration"; readonly short?: string; readonly summary: string; readonly default: string }
  /** May be given several times. */
  | {
      readonly type: "list";
      readonly short?: string;
      readonly summary: string;
      readonly value: string;
      readonly names?: Names;
    };

/** What Kubernetes has rules for how it may be called: a namespace (RFC 1123 label), or most other objects (RFC 1123 subdomain). */
export type Names = "namespace" | "object";

/** The flags of a command, by name. */
export type Flags = Readonly<Record<string, Flag>>;

/** A positional argument; its name is the key it stands under, and the keys stand in the order of the command line. */
export interface Argument {
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly names?: Names;
  readonly optional?: boolean;
  /** Takes all that is left; only the last argument may. */
  readonly many?: boolean;
}

/** The positional arguments of a command, by name, in order. */
export type Arguments = Readonly<Record<string, Argument>>;

type Choice<F> = F extends { readonly choices: readonly (infer C)[] } ? C : string;
type Absent<F> = F extends { readonly default: string } ? never : undefined;

/** What a flag gives: `boolean`, milliseconds, a list, one of its choices, or a string; undefined where it was not given. */
export type FlagValue<F> = F extends { readonly type: "boolean" }
  ? boolean
  : F extends { readonly type: "duration" }
    ? number
    : F extends { readonly type: "list" }
      ? readonly string[]
      : Choice<F> | Absent<F>;

/** What an argument gives: a string, undefined where an optional one was left out, or a list. */
export type ArgumentValue<A> = A extends { readonly many: true }
  ? readonly string[]
  : A extends { readonly optional: true }
    ? Choice<A> | undefined
    : Choice<A>;

/** The values of declared flags, by name. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> };

/** The values of declared arguments, by name. */
export type ArgumentValues<A extends Arguments> = { readonly [K in keyof A]: ArgumentValue<A[K]> };

/** The flags that every command takes. */
export const globalFlags = {
  kubeconfig: { type: "string", value: "FILE", summary: "Kubeconfig file to use" },
  context: { type: "string", value: "NAME", summary: "Kubeconfig context to use" },
  namespace: {
    type: "string",
    short: "n",
    value: "NAME",
    names: "namespace",
    summary: "Namespace to use; defaults to the context's, or mooring-system",
  },
  as: {
    type: "string",
    value: "USER",
    summary: "User to impersonate; a service account is system:serviceaccount:NAMESPACE:NAME",
  },
  "as-group": { type: "list", value: "GROUP", summary: "Group to impersonate" },
  color: {
    type: "string",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    default: "auto",
    summary: "When to use colour; auto means on a terminal, unless NO_COLOR is set",
  },
  verbose: { type: "boolean", short: "v", summary: "Show more detail about errors" },
  help: { type: "boolean", short: "h", summary: "Show this help" },
} as const satisfies Flags;

/** Global flags that a command could not heed, each with what to do instead; a user who gives one is refused by name. */
export type Unheeded = { readonly [K in keyof typeof globalFlags]?: string };

/** Flags that could not be heeded beside another one, or without it. */
export type IdleRule<Name extends string = string> = {
  readonly flags: readonly (Name | keyof typeof globalFlags)[];
  /** What is so instead, for the user. */
  readonly why: string;
} & ({ readonly beside: Name } | { readonly without: Name });

/** The flags that say which cluster to ask, and as whom. */
export const clusterAccess = ["kubeconfig", "context", "as", "as-group"] as const;

/** For a command that asks no cluster. */
export const asksNoCluster: Unheeded = Object.fromEntries(
  clusterAccess.map((name) => [name, "leave it out: this command contacts no cluster"]),
);

/** The global flags that a command takes. */
export function heededFlags({ unheeded = {} }: Pick<Command, "unheeded">): Flags {
  return Object.fromEntries(Object.entries(globalFlags).filter(([name]) => !Object.hasOwn(unheeded, name)));
}

/** What the program stands in. `main.ts` takes it from the process; tests bring their own. */
export interface Surroundings {
  readonly stdin: Input;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory that relative paths start from. */
  readonly cwd: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Opens the way to the cluster that the flags name. Throws `Failure` (UsageInvalid) for an unusable kubeconfig. */
  readonly connect: (flags: AccessFlags, signal: AbortSignal) => Promise<Cluster>;
}

/** What a command works with: its values, and the surroundings. It touches no process global. */
export interface Context<F extends Flags = Flags, A extends Arguments = Arguments> extends Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly flags: FlagValues<F>;
  readonly arguments: ArgumentValues<A>;
  readonly global: FlagValues<typeof globalFlags>;
  /** Every command of the program. */
  readonly registry: readonly Entry[];
}

/** An example for the help: what one wants, and the line that does it. */
export interface Example {
  readonly text: string;
  readonly line: string;
}

/** A command, declared: parsing, help, completion and reference are made of this. Its name stands in the registry. */
export interface Command<F extends Flags = Flags, A extends Arguments = Arguments> {
  /** What it does, in a few sentences, under the summary in the help. */
  readonly description?: string;
  readonly arguments: A;
  readonly flags: F;
  readonly unheeded?: Unheeded;
  /** What is refused by name before the command begins, and so before anything is typed. */
  readonly idle?: readonly IdleRule<NoInfer<keyof F & string>>[];
  readonly examples: readonly Example[];
  /** The exit code of a failure that is not one of usage, where it is not 1. */
  readonly errorExit?: number;
  /** Does it and gives the exit code. Throws `Failure`, which the program prints. */
  run(context: Context<F, A>): Promise<number>;
}

/** A command with the types of its flags and arguments taken from their declaration. */
export function defineCommand<const F extends Flags, const A extends Arguments>(command: Command<F, A>): Command<F, A> {
  return command;
}

/** A command's place in the program; the command itself is loaded when it is asked for, so that the others cost nothing. */
export interface Entry {
  /** One word, or two: `get environments`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, without a final full stop. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

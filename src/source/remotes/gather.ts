import { createHash } from "node:crypto";
import { Failure, type Problem, toFailure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { type RemoteReference, type Remotes, type RemoteTarget, remoteKey, shownUrl } from "../../model/remote.ts";
import type { Home } from "../credentials/credentials-for.ts";
import type { SourcePool } from "../pool.ts";
import { type Network, ownMachine } from "../reach/reach.ts";
import { type Answer, isMoving, type RemoteAsker, remoteAsker } from "./ask-remote.ts";
import { mountPoint } from "./mount-point.ts";
import { withMounts } from "./mounts.ts";

/** What a build takes from elsewhere. `render` knows. */
export interface RemoteSearch {
  /** What the tree names elsewhere, what stands in `remotes` already and what that names included. */
  readonly find: (tree: FileTree, remotes: Remotes) => Promise<readonly RemoteReference[]>;
  /** Whether a file's content is what kustomizations take as resources. */
  readonly isResources: (content: Uint8Array) => boolean | Promise<boolean>;
}

/** A tree with all that a build of it reads. */
export interface Gathered {
  readonly tree: FileTree;
  readonly remotes: Remotes;
  /** A digest of what the references that can move name now: branches, tags, files. Undefined where there are none. */
  readonly bases: string | undefined;
  /** Why something could not be asked for again; what it was before stands in its place. */
  readonly failure: Failure | undefined;
}

/** Fetches what the kustomizations of one environment take from elsewhere. */
export interface Gatherer {
  /**
   * Adds to a tree what it names elsewhere, and what that names, until nothing is missing. What can move is asked for again
   * when it was last asked for longer than `maxAgeMs` ago; commits never are. Throws `Failure`, with the place of every
   * reference that is refused or cannot be fetched: KustomizationInvalid, InputTooLarge, and as fetching a source does.
   */
  gather(tree: FileTree, search: RemoteSearch, maxAgeMs: number, signal: AbortSignal): Promise<Gathered>;
  close(): Promise<void>;
}

/** What is fetched with. */
export interface GathererOptions {
  readonly userAgent: string;
  /** What the environment's own repository is reached with; other hosts get none of it. */
  readonly home: Home;
  /** False: whatever is named elsewhere is refused. */
  readonly allowed: boolean;
  /** What to do about that; to copy it into the repository where nothing is given. */
  readonly hint?: string | undefined;
  /** From where something may be taken; as on a person's machine where none is given. */
  readonly network?: Network | undefined;
  /** Told before something is asked for: a URL without credentials. */
  readonly onAsk?: (url: string) => void;
}

interface Asked {
  readonly answer: Answer;
  /** When it was asked for last, also when there was no answer. */
  readonly at: number;
  /** Why there was none, and the answer is an older one. */
  readonly failure?: Failure;
}

const maxReferences = 100;

/** Fetches nothing yet; remembers what it was answered until it is closed. */
export function createGatherer(pool: SourcePool, options: GathererOptions): Gatherer {
  const asked = new Map<string, Asked>();
  let asker: RemoteAsker | undefined;

  /** What a reference comes to: as it was answered before, or asked for now. */
  const answerTo = async (reference: RemoteReference, round: Round): Promise<Answer> => {
    const key = remoteKey(reference);
    const known = asked.get(key);
    if (known !== undefined && (!isMoving(known.answer) || performance.now() - known.at < round.maxAgeMs)) {
      if (known.failure !== undefined) round.failures.push(known.failure);
      return known.answer;
    }
    options.onAsk?.(shownUrl(reference.text));
    try {
      const answer = await round.asker.ask(reference, known?.answer, round.signal);
      asked.set(key, { answer, at: performance.now() });
      return answer;
    } catch (thrown) {
      round.signal.throwIfAborted();
      if (known === undefined) throw thrown;
      const failure = placed(thrown, reference);
      round.failures.push(failure);
      asked.set(key, { ...known, at: performance.now(), failure });
      return known.answer;
    }
  };

  /** What no kustomization names any more is not remembered. */
  const forgetOthers = (named: ReadonlyMap<string, RemoteTarget>): void => {
    for (const key of asked.keys()) if (!named.has(key)) asked.delete(key);
  };

  return {
    async gather(tree, search, maxAgeMs, signal) {
      const { userAgent, home, network = ownMachine } = options;
      asker ??= remoteAsker(pool, home, { userAgent, network, isResources: search.isResources });
      const round: Round = { asker, maxAgeMs, signal, failures: [] };
      const remotes = new Map<string, RemoteTarget>();
      const mounts = new Map<string, FileTree>();
      const moving: string[] = [];
      for (;;) {
        const found = await search.find(withMounts(tree, mounts), remotes);
        const missing = found.filter((reference) => !remotes.has(remoteKey(reference)));
        if (missing.length === 0) break;
        refuse(missing, found.length, options.allowed ? asker.refusal : () => notAllowed, options.hint);
        const answers = await allOrFailure(missing, async (reference) => {
          const answer = await answerTo(reference, round);
          return { reference, answer, opened: await asker?.open(answer, signal) };
        });
        for (const { reference, answer, opened } of answers) {
          const target = mountPoint(answer);
          if (opened !== undefined) mounts.set(target.repository, opened);
          remotes.set(remoteKey(reference), target);
          if (isMoving(answer)) moving.push(`${remoteKey(reference)} ${target.repository}`);
        }
      }
      forgetOthers(remotes);
      const [failure] = round.failures;
      return { tree: withMounts(tree, mounts), remotes, bases: digestOf(moving), failure };
    },
    async close() {
      await asker?.close();
    },
  };
}

interface Round {
  readonly asker: RemoteAsker;
  readonly maxAgeMs: number;
  readonly signal: AbortSignal;
  readonly failures: Failure[];
}

const notAllowed = "remote bases are not allowed here";

function refuse(
  missing: readonly RemoteReference[],
  count: number,
  refusal: RemoteAsker["refusal"],
  notAllowedHint = "copy it into the repository, so that a commit says exactly what is deployed",
): void {
  const problems = missing.flatMap((reference) => {
    const why = refusal(reference);
    if (why === undefined) return [];
    const message = `${shownUrl(reference.text)} is not in the repository, and ${why}`;
    const named = "copy it into the repository, or have the host named with --remote-host";
    const hint = why === notAllowed ? notAllowedHint : named;
    return [{ ...reference.place, message, hint }];
  });
  if (problems.length > 0) throw new Failure("KustomizationInvalid", problems);
  if (count <= maxReferences) return;
  throw new Failure("InputTooLarge", {
    message: `the kustomizations take more than ${maxReferences} things from elsewhere`,
  });
}

/** Does it for all, and throws the problems of all that failed, under the code of the first. */
async function allOrFailure<T>(
  references: readonly RemoteReference[],
  work: (reference: RemoteReference) => Promise<T>,
): Promise<readonly T[]> {
  const failures: Failure[] = [];
  const done = await Promise.all(
    references.map((reference) =>
      work(reference).catch((thrown: unknown) => {
        failures.push(placed(thrown, reference));
        return undefined;
      }),
    ),
  );
  const [first] = failures;
  if (first !== undefined) {
    const same = failures.filter(({ code }) => code === first.code);
    throw new Failure(
      first.code,
      same.flatMap(({ problems }) => problems),
      { cause: first.cause },
    );
  }
  return done.filter((each) => each !== undefined);
}

/** The failure with the place of the reference in it. */
function placed(thrown: unknown, { text, place }: RemoteReference): Failure {
  const { code, problems, cause } = toFailure(thrown);
  const told = problems.map(
    ({ message, hint }): Problem => ({
      ...place,
      message: `cannot fetch ${shownUrl(text)}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
    }),
  );
  return new Failure(code, told, { cause });
}

function digestOf(moving: readonly string[]): string | undefined {
  if (moving.length === 0) return undefined;
  return createHash("sha256").update(moving.toSorted().join("\n")).digest("hex").slice(0, 12);
}

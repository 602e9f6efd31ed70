import semver from "semver";
import { createPace } from "../../../clock/index.ts";
import { Failure } from "../../../model/failure.ts";
import type { Revision } from "../../../model/revision.ts";
import type { SourceRef } from "../../spec.ts";
import type { ServerRef } from "../wire/server-refs.ts";
import { nearbyNames } from "./nearby.ts";

/** Which references to list, and how to find the revision among them. */
export interface RefQuery {
  /** How it is called in messages: `branch main`, `tag v1`, `the default branch`. */
  readonly description: string;
  /** The server lists only references that start with one of these. */
  readonly prefixes: readonly string[];
  /** The prefix of those to suggest instead. */
  readonly kin: string;
  /** In slices: a server may have hundreds of thousands. */
  readonly find: (refs: readonly ServerRef[]) => Promise<FoundRef | undefined>;
  /** What the user wrote, without `refs/…`: what suggestions are measured against. */
  readonly text: string;
}

/** A reference the server has. */
export interface FoundRef {
  readonly revision: Revision;
  /** The full name: `refs/heads/main`. */
  readonly name: string;
  /** The annotated tag object, where there is one. */
  readonly tag?: string;
}

/** The query for a reference; undefined for a bare commit, which needs none. Precedence as in `SourceRef`. */
export function refQuery(ref: SourceRef): RefQuery | undefined {
  if (ref.commit !== undefined) return undefined;
  if (ref.name !== undefined) return exactly(ref.name, ref.name, `reference ${ref.name}`);
  if (ref.semver !== undefined) return highestTag(ref.semver);
  if (ref.tag !== undefined) return exactly(`refs/tags/${ref.tag}`, ref.tag, `tag ${ref.tag}`);
  if (ref.branch !== undefined) return exactly(`refs/heads/${ref.branch}`, ref.branch, `branch ${ref.branch}`);
  if (ref.short !== undefined) return byShortName(ref.short);
  return defaultBranch;
}

/** The failure of a reference that is not there, with what exists nearby. */
export async function refNotFound(wanted: RefQuery, address: string, kin: readonly ServerRef[]): Promise<Failure> {
  const names = kin.map((ref) => ref.ref.slice(wanted.kin.length));
  const what = wanted.kin === "refs/tags/" ? "tags" : wanted.kin === "refs/heads/" ? "branches" : "references";
  return new Failure("RefNotFound", {
    message: `${wanted.description} does not exist in ${address}`,
    hint:
      names.length === 0
        ? `the repository has no ${what}`
        : `of its ${names.length} ${what} the closest are: ${(await nearbyNames(wanted.text, names)).join(", ")}`,
  });
}

function exactly(name: string, shown: string, description: string): RefQuery {
  const kin = ["refs/heads/", "refs/tags/"].find((prefix) => name.startsWith(prefix)) ?? "refs/";
  return {
    description,
    prefixes: [name],
    kin,
    text: name.slice(kin.length),
    find: async (refs) => {
      const found = refs.find((ref) => ref.ref === name);
      return found === undefined ? undefined : foundRef(found, shown);
    },
  };
}

/** The first that there is, in the order of gitrevisions(7). */
function byShortName(name: string): RefQuery {
  const names = [`refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`];
  return {
    description: `tag or branch ${name}`,
    prefixes: names,
    kin: "refs/",
    text: name,
    find: async (refs) => {
      const [found] = names.flatMap((full) => refs.filter((ref) => ref.ref === full));
      return found === undefined ? undefined : foundRef(found, name);
    },
  };
}

/** What git-check-ref-format(1) lets be a branch: nothing that a status or a log would stumble over. */
const branchName = /^refs\/heads\/[^\s\p{C}~^:?*[\\]+$/u;

const defaultBranch: RefQuery = {
  description: "the default branch",
  prefixes: ["HEAD"],
  kin: "refs/heads/",
  text: "main",
  find: async (refs) => {
    const head = refs.find((ref) => ref.ref === "HEAD");
    if (head === undefined) return undefined;
    const name = branchName.test(head.target ?? "") && head.target !== undefined ? head.target : "HEAD";
    return { revision: { ref: name.replace(/^refs\/heads\//, ""), commit: head.oid }, name };
  },
};

/**
 * Ranges as Flux takes them, in the syntax of Masterminds/semver: a comma is "and", a range that names a pre-release lets
 * all pre-releases in, and a tag may lack the last numbers.
 */
function highestTag(written: string): RefQuery {
  const range = written.replaceAll(",", " ");
  const includePrerelease = /\d-[0-9A-Za-z]/.test(range);
  if (range.length > longestRange || semver.validRange(range) === null) {
    throw new Failure("SourceInvalid", {
      field: "ref.semver",
      message: `not a range of semantic versions: ${written}`,
      hint: 'such as ">=1.2.0 <2.0.0" or "~1.4"',
    });
  }
  const wanted = new semver.Range(range, { includePrerelease });
  return {
    description: `a tag in the range ${written}`,
    prefixes: ["refs/tags/"],
    kin: "refs/tags/",
    text: written,
    find: async (refs) => {
      const pace = createPace();
      let highest: { readonly ref: ServerRef; readonly version: semver.SemVer } | undefined;
      for (const ref of refs) {
        await pace();
        const version = versionOfTag(ref.ref.slice("refs/tags/".length));
        const isLower = version === null || (highest && semver.compareBuild(version, highest.version) <= 0);
        if (!isLower && wanted.test(version)) highest = { ref, version };
      }
      return highest === undefined ? undefined : foundRef(highest.ref, highest.ref.ref.slice("refs/tags/".length));
    },
  };
}

/** Each alternative of a range is tried on each tag. */
const longestRange = 256;

function versionOfTag(tag: string): semver.SemVer | null {
  const [numbers = ""] = /^v?\d+(\.\d+)?$/.exec(tag) ?? [];
  return numbers === "" ? semver.parse(tag) : semver.coerce(numbers);
}

/** An annotated tag stands for the commit it points to; the tag object itself is kept for its signature. */
function foundRef(found: ServerRef, shown: string): FoundRef {
  const revision = { ref: shown, commit: found.peeled ?? found.oid };
  return { revision, name: found.ref, ...(found.peeled === undefined ? {} : { tag: found.oid }) };
}

/** What a command gives that is not its own answer. */
export const exitCodes = {
  /** Something failed, where the command has no other code for that. */
  failed: 1,
  /** The command line cannot be followed, or what it comes to cannot be written. */
  usage: 2,
  /** A mistake in this program: EX_SOFTWARE of sysexits.h. Never the answer of a command. */
  bug: 70,
  /** What a shell expects of a program that Ctrl-C ended: 128 and the number of SIGINT. */
  interrupted: 130,
  /** What a shell expects of a program whose reader went away: 128 and the number of SIGPIPE. */
  readerGone: 141,
} as const;

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { type SopsKeys, sopsKeys } from "../../src/seal/index.ts";
import { tool } from "../toolchain/tools.ts";

const run = promisify(execFile);

/** The real sops with a key of its own, over the files of a folder. */
export interface RealSops {
  readonly program: string;
  readonly recipient: string;
  readonly identity: string;
  /** The same key, for ours. */
  readonly keys: SopsKeys;
  /** Writes a file and encrypts it in place. */
  encrypt(name: string, content: string | Uint8Array, args?: readonly string[]): Promise<Buffer>;
  /** What it decrypts a file of the folder to. */
  decrypt(name: string): Promise<Buffer>;
}

/** Builds it where it is not yet. */
export async function createRealSops(directory: string): Promise<RealSops> {
  const program = await tool("sops");
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeFile(join(directory, "key.txt"), identity, { mode: 0o600 });
  return {
    program,
    recipient,
    identity,
    keys: sopsKeys({ "main.agekey": Buffer.from(`# created: today\n${identity}\n`), other: Buffer.from("ignored") }),
    async encrypt(name, content, args = []) {
      const file = join(directory, name);
      await writeFile(file, content);
      await run(program, ["--encrypt", "--in-place", "--age", recipient, ...args, file]);
      return readFile(file);
    },
    async decrypt(name) {
      const env = { SOPS_AGE_KEY_FILE: join(directory, "key.txt") };
      return (await run(program, ["--decrypt", join(directory, name)], { env, encoding: "buffer" })).stdout;
    },
  };
}

import { benchHolds } from "./holds.ts";
import { benchRender } from "./render/render.ts";
import { benchSync } from "./sync/sync.ts";
import { benchTenants } from "./tenants.ts";

/** `npm run bench -- NAME [flags]`: runs one benchmark. */
const benches: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  holds: benchHolds,
  render: benchRender,
  sync: benchSync,
  tenants: benchTenants,
};

const [name = "", ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join("|")} [flags]`);
  process.exitCode = 2;
} else {
  await bench(args);
}

import manifest from "../../package.json" with { type: "json" };

/** The version of this program: what package.json says. */
export const programVersion: string = manifest.version;

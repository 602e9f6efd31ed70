import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

/** Imported before a program, by `node --import`: writes the URL of every module that is loaded into the file LOADED_MODULES. */

const { LOADED_MODULES: file } = process.env;

if (file !== undefined) {
  registerHooks({
    load(url, context, next) {
      appendFileSync(file, `${url}\n`);
      return next(url, context);
    },
  });
}

/** Loaded in front of a program of the tests: it ends when its standard input does, so also when the test was killed. */
process.stdin.on("end", () => process.exit(1));
process.stdin.resume();
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();

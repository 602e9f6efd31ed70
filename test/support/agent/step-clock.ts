/** Loaded in front of an agent of the tests: SIGUSR2 sets its time of day an hour ahead, the next one an hour back, and so on. */
const hour = 3_600_000;
const Real = Date;
let offset = 0;

class Stepped extends Real {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 ? [Stepped.now()] : given) as [number]));
  }

  static override now(): number {
    return Real.now() + offset;
  }
}

globalThis.Date = Stepped as DateConstructor;
process.on("SIGUSR2", () => {
  offset = offset === hour ? -hour : hour;
});

/**
 * How often a property of a test beside the code is tried: as often as it needs to be of use at each save, and as often as
 * `PROPERTY_RUNS` says where there is time (`npm run fuzz`).
 */
export function propertyRuns(besideTheCode: number): number {
  return Number(process.env.PROPERTY_RUNS ?? besideTheCode);
}

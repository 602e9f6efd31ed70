/** Why a patch does not fit an object; the transformation that applied it turns this into a Failure that says where. */
export class MergeConflict extends Error {
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[]) {
    super(message);
    this.name = "MergeConflict";
    this.path = path;
  }
}

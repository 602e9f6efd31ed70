/**
 * `./a//b/../c/` as a tree names it: `a/c`. `..` leads no further up than to the root, as Flux takes `spec.path`: the one
 * form in which paths of specs are compared and looked up.
 */
export function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

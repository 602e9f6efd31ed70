/**
 * A text of at most so many code units; what is cut off leaves an ellipsis. No character is cut in half: the API server
 * would store another one in its place.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 2);
  return `${text.slice(0, isHighHalf(last) ? most - 2 : most - 1)}…`;
}

function isHighHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

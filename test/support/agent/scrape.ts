/** The values of an agent's metrics, by name and labels as they stand in the text: `mooring_open{what="watches"}`. */
export async function scrape(address: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  return new Map(
    text.split("\n").flatMap((line): readonly (readonly [string, number])[] => {
      const at = line.lastIndexOf(" ");
      return line.startsWith("#") || at < 0 ? [] : [[line.slice(0, at), Number(line.slice(at + 1))]];
    }),
  );
}

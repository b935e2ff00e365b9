/** Makes a row of the values of its properties, in their order. */
export type RowMaker = (values: readonly unknown[]) => Record<string, unknown>;

/**
 * A function whose text is the object literal with these properties: it makes rows four times as fast as
 * setting them one by one, and a seat map is made of hundreds.
 *
 * @param properties names out of the sources, never out of data: they become code.
 */
export function rowMaker(properties: readonly string[]): RowMaker {
  if (!properties.every((property) => /^[A-Za-z]\w*$/.test(property))) throw new Error(`not all of these are plain names: ${properties}`);
  const members = properties.map((property, index) => `${property}: values[${index}]`);
  return new Function('values', `return { ${members.join(', ')} };`) as RowMaker;
}

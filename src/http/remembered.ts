/** So many texts are remembered, none of them longer than so many characters; when there are more, remembering starts anew. */
const MAX_TEXTS = 1_000;
const MAX_LENGTH = 256;

/**
 * The same function, which reads a text that it has read lately only once: in a rush thousands of
 * requests a second name the same few slots. What it makes must be immutable; what it throws is not
 * remembered.
 */
export function remembered<Value>(read: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = read(text);
      if (text.length > MAX_LENGTH) return value;
      if (known.size >= MAX_TEXTS) known.clear();
      known.set(text, value);
    }
    return value;
  };
}

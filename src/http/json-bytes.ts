/** JSON that was written already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const rendered = new WeakMap<object, Buffer>();

/**
 * An answer as JSON in bytes. A layer that keeps answers gives the very same object again for as long
 * as nothing has changed, so that a kept answer is written out once, however often it is sent.
 */
export function jsonBytes<Value extends object>(value: Value, write: (value: Value) => string): Buffer {
  let bytes = rendered.get(value);
  if (bytes === undefined) {
    bytes = Buffer.from(write(value));
    rendered.set(value, bytes);
  }
  return bytes;
}

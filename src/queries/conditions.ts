/** Conditions of a WHERE clause and the values that their placeholders stand for. */
export class Conditions {
  readonly values: unknown[] = [];
  private readonly parts: string[] = [];

  /** Adds a condition unless the value is undefined; every `?` in it becomes the value's placeholder. */
  add(condition: string, value: unknown): this {
    if (value !== undefined) this.parts.push(condition.replaceAll('?', this.placeholder(value)));
    return this;
  }

  placeholder(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get sql(): string {
    return this.parts.length === 0 ? 'true' : this.parts.join(' AND ');
  }
}

/** An instant in epoch milliseconds as SQL, from a placeholder. */
export function instantSql(placeholder: string): string {
  return `to_timestamp(${placeholder}::float8 / 1000)`;
}

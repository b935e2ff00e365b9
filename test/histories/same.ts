/** Where two JSON values differ, in words; null when they are the same. Members that the first does not have are passed over. */
export function differenceOf(expected: unknown, actual: unknown, path = ''): string | null {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return `${path} has ${actual.length} items, not ${expected.length}`;
    return firstOf(expected.map((item, index) => differenceOf(item, actual[index], `${path}/${index}`)));
  }
  if (isObject(expected) && isObject(actual)) {
    return firstOf(Object.entries(expected).map(([key, value]) => differenceOf(value, actual[key], `${path}/${key}`)));
  }
  return Object.is(expected, actual) ? null : `${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`;
}

/** The same with nothing passed over. */
export function isSame(one: unknown, other: unknown): boolean {
  return differenceOf(one, other) === null && differenceOf(other, one) === null;
}

function firstOf(differences: readonly (string | null)[]): string | null {
  return differences.find((difference) => difference !== null) ?? null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

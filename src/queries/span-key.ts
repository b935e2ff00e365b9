import type { SpanRequest } from '../domain/axis.ts';

/** The same text for the same span, and for no other. Stops hold no line feed. */
export function spanKey(span: SpanRequest | null): string {
  if (span === null) return '';
  return 'from' in span ? ` ${span.from} ${span.to}` : `\n${span.fromStop}\n${span.toStop}`;
}

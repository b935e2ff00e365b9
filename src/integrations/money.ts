import { isCurrency } from '../commands/schemas/instants.ts';
import { InputError } from './input-error.ts';

const USUAL_DIGITS = 2;

/**
 * Decimal digits of the minor unit, for the currencies that do not have two: ISO 4217, list one (SIX Financial Information,
 * the column "minor unit"). What the runtime knows are the digits that people still pay with, none for HUF or IDR;
 * prices are sent in those of ISO 4217.
 */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ...'CLF UYW'.split(' ').map((code) => [code, 4] as const),
]);

/**
 * A decimal amount such as `22.19` as minor units of the currency, by ISO 4217, without going through floats.
 * @throws InputError for an unknown currency, and for what is no amount, or finer than the currency's minor unit.
 */
export function minorUnits(amount: string, currency: string): number {
  if (!isCurrency(currency)) throw new InputError(`${JSON.stringify(currency)} is not an ISO 4217 currency code`);
  const digits = DIGITS.get(currency) ?? USUAL_DIGITS;
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(amount);
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (match === null || fraction.length > digits) throw new InputError(`${JSON.stringify(amount)} is not an amount in ${currency}`);
  return Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
}

import { InputError } from './input-error.ts';

/**
 * A decimal amount such as `22.19` as minor units of the currency, without going through floats.
 * @throws InputError for what is no amount, or finer than the currency's smallest coin.
 */
export function minorUnits(amount: string, currency: string): number {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(amount);
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (match === null || fraction.length > digits) throw new InputError(`${JSON.stringify(amount)} is not an amount in ${currency}`);
  return Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
}

import { expect } from 'chai';
import { InputError } from '../../src/integrations/input-error.ts';
import { minorUnits } from '../../src/integrations/money.ts';

describe('a decimal amount', () => {
  it('has as many minor units as ISO 4217 says, whatever people pay with', () => {
    for (const currency of ['HUF', 'IDR', 'IQD', 'COP', 'PKR', 'ALL', 'LBP', 'AFN', 'MGA', 'GBP', 'EUR', 'USD']) {
      // The dinar of Iraq has a thousand fils.
      const digits = currency === 'IQD' ? 3 : 2;
      expect(minorUnits('5000.50', currency), currency).to.equal(5_000.5 * 10 ** digits);
      expect(minorUnits('5000.00', currency), currency).to.equal(5_000 * 10 ** digits);
    }
  });

  it('may be of a currency without minor units, or with finer ones', () => {
    for (const currency of [
      'BIF',
      'CLP',
      'DJF',
      'GNF',
      'ISK',
      'JPY',
      'KMF',
      'KRW',
      'PYG',
      'RWF',
      'UGX',
      'VND',
      'VUV',
      'XAF',
      'XOF',
      'XPF',
    ]) {
      expect(minorUnits('12.00', currency), currency).to.equal(12);
      expect(() => minorUnits('12.5', currency), currency).to.throw(InputError, `"12.5" is not an amount in ${currency}`);
    }
    for (const currency of ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'])
      expect(minorUnits('1.005', currency), currency).to.equal(1_005);
  });

  it('has no more digits than the currency', () => {
    expect(minorUnits('22.19', 'GBP')).to.equal(2_219);
    expect(minorUnits('7', 'GBP')).to.equal(700);
    expect(minorUnits('1.500', 'GBP')).to.equal(150);
    for (const wrong of ['1.005', '-1', '1,5', '', '1e3', '.5'])
      expect(() => minorUnits(wrong, 'GBP')).to.throw(InputError, /not an amount in GBP/);
  });

  it('is refused when its currency is none, by name', () => {
    for (const currency of ['ABC', 'gbp', '', 'POUND']) {
      expect(() => minorUnits('1.00', currency)).to.throw(InputError, `${JSON.stringify(currency)} is not an ISO 4217 currency code`);
    }
  });
});

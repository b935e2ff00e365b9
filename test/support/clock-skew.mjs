// Loaded with --import: this process believes that it is so many milliseconds later than it is.
const skew = Number(process.env.HOLDFAST_TEST_CLOCK_SKEW_MS);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parameters) {
    if (parameters.length === 0) super(RealDate.now() + skew);
    else super(...parameters);
  }

  static now() {
    return RealDate.now() + skew;
  }
};

// Loaded with --import: this process believes that it is so many milliseconds later than it is, and later
// by as much as is told beside it each time that it gets SIGUSR2.
let skew = Number(process.env.HOLDFAST_TEST_CLOCK_SKEW_MS);
const step = Number(process.env.HOLDFAST_TEST_CLOCK_STEP_MS ?? 0);
process.on('SIGUSR2', () => {
  skew += step;
});
const RealDate = Date;
// A clock that is set while the process runs leaves this one as it was.
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + skew });

globalThis.Date = class extends RealDate {
  constructor(...parameters) {
    if (parameters.length === 0) super(RealDate.now() + skew);
    else super(...parameters);
  }

  static now() {
    return RealDate.now() + skew;
  }
};

import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/**
 * The usual spec output; the counts go to the file named in HOLDFAST_TEST_SUMMARY as JSON
 * `{ passed, failed, skipped }`. The file is written at the end only, so a run that crashes leaves
 * none behind, and its absence tells of the crash.
 */
export default class SummaryReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env.HOLDFAST_TEST_SUMMARY;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
}

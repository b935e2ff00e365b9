import { readFileSync } from 'node:fs';

const [FIRST_LINE = ''] = readFileSync(new URL('../../bin/holdfast.js', import.meta.url), 'utf8').split('\n');

/** What Holdfast's command line starts Node with: all that is measured beside it is started with the same. */
export const NODE_OPTIONS: readonly string[] = FIRST_LINE.split(' ').filter((word) => word.startsWith('--'));

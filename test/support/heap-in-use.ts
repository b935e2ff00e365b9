import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that the process needs, in its heap and in buffers beside it: after everything that nobody needs is gone. */
export function heapInUse(): number {
  // What only its finaliser lets go of is gone the second time.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

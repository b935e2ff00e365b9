import { z } from 'zod';

/** The body of a request for a rebuild. */
export const rebuildSchema = z.strictObject({
  switch: z
    .boolean()
    .exactOptional()
    .meta({ description: 'true: the new build takes the place of the live one once it was found equal to it' }),
});

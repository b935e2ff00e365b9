import type { EdgeDependencies, Watermark } from './edge.ts';
import type { Route } from './exchange.ts';
import { OwnWrites } from './latest-writes.ts';
import { attemptRoutes } from './routes/attempts.ts';
import { auditRoutes } from './routes/audit.ts';
import { bookingWriteRoutes } from './routes/booking-writes.ts';
import { bookingReadRoutes } from './routes/bookings.ts';
import { KeyedAnswers } from './routes/keyed-answers.ts';
import { layoutRoutes } from './routes/layouts.ts';
import { liveRoutes } from './routes/live.ts';
import { projectionRoutes } from './routes/projections.ts';
import { slotWriteRoutes } from './routes/slot-writes.ts';
import { slotReadRoutes } from './routes/slots.ts';

/** Everything below `/api/v1`. */
export function createRoutes(dependencies: EdgeDependencies, watermark: Watermark): readonly Route[] {
  const { commands, queries, live, audit, history, attempts, recorder, attemptQueue, projections } = dependencies;
  const own = new OwnWrites();
  const keyed = new KeyedAnswers(dependencies.keys);
  return [
    ...slotReadRoutes(queries, own.references),
    ...liveRoutes(live, queries),
    ...slotWriteRoutes({ commands, writes: own.references, keyed }),
    ...bookingReadRoutes(queries, own),
    ...bookingWriteRoutes({ commands, recorder, watermark, own }),
    ...layoutRoutes({ commands, queries, writes: own.layouts, keyed }),
    ...auditRoutes(audit, history),
    ...attemptRoutes({ attempts, queue: attemptQueue, audit, watermark }),
    ...projectionRoutes({ projections, audit, watermark, keyed }),
  ];
}

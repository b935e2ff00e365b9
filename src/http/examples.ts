/** Bodies that the OpenAPI document shows, by method and path. A test sends each through its route's schema. */
export const EXAMPLES: Readonly<Record<string, Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>>> = {
  'POST /api/v1/slots': {
    show: {
      summary: 'A show with a seat and standing places',
      value: {
        slotId: 'hamlet-2027-01-15',
        category: 'theatre',
        title: 'Hamlet',
        venue: { venueId: 'globe', name: 'Globe', city: 'London' },
        startsAt: '2027-01-15T19:30:00Z',
        endsAt: '2027-01-15T22:30:00Z',
        timeZone: 'Europe/London',
        currency: 'GBP',
        axis: { type: 'whole' },
        units: [
          { unitId: 'A1', section: 'Stalls', row: 'A', number: '1', category: 'gold', price: 4500, x: 10, y: 20 },
          { unitId: 'yard', category: 'standing', price: 500, capacity: 700 },
        ],
      },
    },
    trip: {
      summary: 'A bus trip, priced by the stop',
      value: {
        category: 'bus',
        title: 'San Francisco to San Jose',
        timeZone: 'America/Los_Angeles',
        currency: 'USD',
        axis: {
          type: 'stops',
          stops: [
            { stopId: '70261', name: 'San Francisco', departsAt: '2027-01-15T08:00:00-08:00' },
            { stopId: '70011', name: 'San Jose', arrivesAt: '2027-01-15T09:30:00-08:00' },
          ],
        },
        units: [{ unitId: '12C', category: 'seat', price: 200, priceBasis: 'stop' }],
      },
    },
    fleet: {
      summary: 'A car at a hub, priced by the hour',
      value: {
        category: 'vehicle',
        title: 'Compact cars at Central Station',
        timeZone: 'Europe/Berlin',
        currency: 'EUR',
        axis: { type: 'time', opening: [{ days: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '08:00', to: '20:00' }], bufferMinutes: 30 },
        units: [{ unitId: 'car-7', category: 'compact', price: 900, priceBasis: 'hour' }],
      },
    },
  },
  'POST /api/v1/slots/{slotId}/bookings': {
    named: { summary: 'These very seats', value: { customerId: 'c-17', units: ['A1', 'A2'], expectedTotal: 9000, reference: 'order-81' } },
    best: {
      summary: 'The best four together',
      value: { customerId: 'c-17', bestAvailable: { quantity: 4, category: 'gold', adjacent: true } },
    },
    quantity: { summary: 'Three standing places', value: { customerId: 'c-17', units: [{ unitId: 'yard', quantity: 3 }] } },
    stops: {
      summary: 'A part of a trip',
      value: { customerId: 'c-17', units: ['12C'], span: { fromStop: '70261', toStop: '70011' } },
    },
    hours: {
      summary: 'Any car for some hours, confirmed at once',
      value: {
        customerId: 'c-17',
        bestAvailable: { quantity: 1 },
        span: { from: '2027-01-15T06:00:00Z', to: '2027-01-15T10:00:00Z' },
        confirm: { paymentReference: 'pay-9' },
      },
    },
  },
  'PATCH /api/v1/slots/{slotId}': {
    title: { summary: 'Another title', value: { title: 'Hamlet, Prince of Denmark', metadata: { season: null } } },
  },
  'POST /api/v1/slots/{slotId}/units/block': {
    part: {
      summary: 'A seat and a part of the yard',
      value: { units: ['A1', { unitId: 'yard', quantity: 50 }], reason: 'camera position' },
    },
  },
  'POST /api/v1/bookings/{bookingId}/confirm': { paid: { summary: 'Paid', value: { paymentReference: 'pay-9' } } },
  'POST /api/v1/bookings/{bookingId}/cancel': {
    changed: { summary: 'One of the seats', value: { reason: 'changed my mind', units: ['A2'] } },
  },
  'POST /api/v1/bookings/{bookingId}/extend-hold': { minutes: { summary: 'Five minutes from now', value: { seconds: 300 } } },
  'POST /api/v1/bookings/{bookingId}/change': {
    swap: { summary: 'One seat for another', value: { add: ['A3'], drop: ['A2'], expectedTotal: 9000 } },
  },
  'POST /api/v1/layouts': {
    hall: {
      summary: 'A hall of two seats',
      value: {
        name: 'Hall 7',
        focus: { x: 15, y: 0 },
        units: [
          { unitId: 'A1', section: 'Stalls', row: 'A', number: '1', category: 'gold', x: 10, y: 20 },
          { unitId: 'A2', section: 'Stalls', row: 'A', number: '2', category: 'gold', x: 20, y: 20 },
        ],
      },
    },
  },
};

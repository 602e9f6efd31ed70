/**
 * How many operations of the thread pool are begun at a time: enough for every core, few enough that others who need the
 * pool are not kept waiting. Node's pool has four threads unless UV_THREADPOOL_SIZE says otherwise.
 */
export const inFlight = 8;

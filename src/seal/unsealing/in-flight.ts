/**
 * The operations of the thread pool that run at a time: enough for every core, few enough to leave the pool to other users. Node's pool has four threads unless UV_THREADPOOL_SIZE says otherwise.
 */
export const inFlight = 8;

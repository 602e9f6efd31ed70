/** A cache of responses that have an ETag, for conditional requests. Upstream: RFC 9110, section 13. */
export interface ResponseCache {
  /** The ETag of the cached response, where there is one. */
  readonly etag: (url: string) => string | undefined;
  /** Caches a response that has an ETag; gives the cached one for 304. */
  readonly resolve: (url: string, answer: Answer) => Answer;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const mostAnswers = 200;
const largestBytes = 256 * 1024;

/** An empty cache, which evicts the least recently used response. */
export function createResponseCache(): ResponseCache {
  const answers = new Map<string, Answer>();
  return {
    etag: (url) => answers.get(url)?.headers.get("etag") ?? undefined,
    resolve(url, answer) {
      const known = answers.get(url);
      answers.delete(url);
      const current = answer.status === 304 && known !== undefined ? known : answer;
      if (current.status === 200 && current.headers.has("etag") && current.body.length <= largestBytes) {
        answers.set(url, current);
        const [oldest] = answers.keys();
        if (answers.size > mostAnswers && oldest !== undefined) answers.delete(oldest);
      }
      return current;
    },
  };
}

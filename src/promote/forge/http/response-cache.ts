/** Answers that a server marked with an ETag, so that asking again costs nothing where nothing has changed. */
export interface Remembered {
  /** The mark to send along, where there is one. */
  readonly mark: (url: string) => string | undefined;
  /** Keeps an answer that has a mark; gives the kept one for 304. */
  readonly settle: (url: string, answer: Answer) => Answer;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const mostAnswers = 200;
const largestBytes = 256 * 1024;

/** Nothing remembered yet. The answers that were not asked for longest make way. */
export function createRemembered(): Remembered {
  const answers = new Map<string, Answer>();
  return {
    mark: (url) => answers.get(url)?.headers.get("etag") ?? undefined,
    settle(url, answer) {
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

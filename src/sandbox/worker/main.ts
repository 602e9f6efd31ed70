import { toFailure } from "../../model/failure.ts";
import { freezeIntrinsics } from "../../model/intrinsics.ts";
import { type FromWorker, fromWire, type ToWorker, type TreeAnswer, toWire } from "./protocol.ts";
import { askedTree } from "./remote-tree.ts";
import { doTask } from "./tasks.ts";

/**
 * A worker: a process without files, network, environment and children, that does one task after the other for the agent
 * that started it, and ends with it. What it needs of a repository it asks for.
 */

freezeIntrinsics();

const questions = new Map<number, PromiseWithResolvers<TreeAnswer>>();
let asked = 0;

function tell(message: FromWorker): void {
  process.send?.(message);
}

async function work(task: Extract<ToWorker, { type: "task" }>["task"]): Promise<void> {
  const tree = askedTree((question) => {
    asked += 1;
    const waiting = Promise.withResolvers<TreeAnswer>();
    questions.set(asked, waiting);
    tell({ type: "question", id: asked, question });
    return waiting.promise;
  });
  try {
    await doTask(task, tree, (part) => tell({ type: "part", part }));
    tell({ type: "done" });
  } catch (thrown) {
    tell({ type: "failed", failure: toWire(toFailure(thrown)) });
  }
}

process.on("message", (message: ToWorker) => {
  if (message.type === "task") {
    void work(message.task);
    return;
  }
  const waiting = questions.get(message.id);
  questions.delete(message.id);
  if (message.type === "answer") waiting?.resolve(message.answer);
  else waiting?.reject(fromWire(message.failure));
});
process.on("disconnect", () => process.exit());
tell({ type: "ready" });

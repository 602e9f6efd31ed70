import { toFailure } from "../../model/failure.ts";
import { freezeIntrinsics } from "../../model/intrinsics.ts";
import { type FromWorker, fromWire, type ToWorker, type TreeReply, toWire } from "./protocol.ts";
import { remoteTree } from "./remote-tree.ts";
import { doTask } from "./tasks.ts";

/**
 * A worker: a process without files, network, environment and children, that does one task after the other for the agent
 * that started it, and ends with it. Files of the repository it gets from the agent, by queries.
 */

freezeIntrinsics();

const queries = new Map<number, PromiseWithResolvers<TreeReply>>();
let lastId = 0;

function send(message: FromWorker): void {
  process.send?.(message);
}

async function work(task: Extract<ToWorker, { type: "task" }>["task"]): Promise<void> {
  const tree = remoteTree((query) => {
    lastId += 1;
    const waiting = Promise.withResolvers<TreeReply>();
    queries.set(lastId, waiting);
    send({ type: "query", id: lastId, query });
    return waiting.promise;
  });
  try {
    await doTask(task, tree, (part) => send({ type: "part", part }));
    send({ type: "done" });
  } catch (thrown) {
    send({ type: "failed", failure: toWire(toFailure(thrown)) });
  }
}

process.on("message", (message: ToWorker) => {
  if (message.type === "task") {
    void work(message.task);
    return;
  }
  const waiting = queries.get(message.id);
  queries.delete(message.id);
  if (message.type === "reply") waiting?.resolve(message.reply);
  else waiting?.reject(fromWire(message.failure));
});
process.on("disconnect", () => process.exit());
send({ type: "ready" });

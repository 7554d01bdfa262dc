import { parentPort, workerData } from "node:worker_threads";
import type { SimulatorOptions } from "./options.ts";
import { startSimulator } from "./server.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

const port = parentPort;
if (port === null) throw new Error("the simulator's worker must be started as a worker thread");
const send = (message: FromWorker): void => port.postMessage(message);

try {
  const simulator = await startSimulator(workerData as SimulatorOptions);
  port.on("message", (message: ToWorker) => {
    switch (message.kind) {
      case "teach":
        for (const [requestId, lesson] of message.lessons) simulator.teach(requestId, lesson);
        return;
      case "stats":
        message.reply.postMessage(simulator.stats());
        Atomics.store(message.signal, 0, 1);
        Atomics.notify(message.signal, 0);
        return;
      case "close":
        void simulator.close().then(() => {
          send({ kind: "closed", stats: simulator.stats() });
          port.close();
        });
    }
  });
  send({ kind: "ready", port: simulator.port, baseUrl: simulator.baseUrl });
} catch (error) {
  // A cloned error loses its own properties, and `code` is what the caller words its message by.
  const { name, message, code, stack } = error as NodeJS.ErrnoException;
  send({ kind: "failed", name, message, code: code ?? null, stack: stack ?? null });
}

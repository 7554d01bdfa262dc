import fc from "fast-check";
import { expect, it } from "vitest";
import { Capacity, type Place } from "../../src/simulator/capacity.ts";

/** A client of the model: it comes, and leaves at some time, at work or before. */
interface Client {
  readonly place: Place;
  state: "waiting" | "at work" | "gone";
}

it("never works on more than its number, in order of arrival, and never leaves a place free while someone waits", async () => {
  const steps = fc.array(fc.oneof(fc.constant("come" as const), fc.nat(30)), { maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, async (concurrent, list) => {
      const capacity = new Capacity({ concurrent, over: "queue" });
      const clients: Client[] = [];
      const began: number[] = [];
      for (const step of list) {
        if (step === "come") {
          const place = capacity.enter();
          if (place === null) throw new Error("a queue refuses nobody");
          const index = clients.length;
          const client: Client = { place, state: place.turn === null ? "at work" : "waiting" };
          clients.push(client);
          if (place.turn === null) began.push(index);
          void place.turn?.then((isTurn) => {
            if (!isTurn) return;
            client.state = "at work";
            began.push(index);
          });
        } else {
          const client = clients[step];
          client?.place.leave();
          client?.place.leave();
          if (client !== undefined) client.state = "gone";
        }
        await new Promise((resolve) => setImmediate(resolve));
        const count = (state: Client["state"]): number =>
          clients.filter((client) => client.state === state).length;
        const present = count("at work") + count("waiting");
        expect(count("at work")).toBe(Math.min(concurrent, present));
        expect(began).toEqual(began.toSorted((a, b) => a - b));
      }
    }),
  );
});

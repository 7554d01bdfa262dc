/** What becomes of a request above the capacity: refused at once, or kept waiting, first come first served. */
export const overCapacityKinds = ["reject", "queue"] as const;

/** How many requests an endpoint works on at once, whatever their models. */
export interface CapacityOptions {
  readonly concurrent: number;
  readonly over: (typeof overCapacityKinds)[number];
}

/** A request's place in the endpoint. */
export interface Place {
  /** True when it is the request's turn, false when it left before; null when it never had to wait. */
  readonly turn: Promise<boolean> | null;
  /** Frees the place, or leaves the queue. Leaving again does nothing. */
  leave(): void;
}

/** Hands out the places of an endpoint. */
export class Capacity {
  readonly #options: CapacityOptions;
  /** Called with true when a place is free; in order of arrival. */
  readonly #queue = new Set<(isTurn: boolean) => void>();
  #taken = 0;

  constructor(options: CapacityOptions) {
    this.#options = options;
  }

  /** A place, at once or in the queue; null where requests are refused. */
  enter(): Place | null {
    const { concurrent, over } = this.#options;
    if (this.#taken < concurrent) {
      this.#taken++;
      return { turn: null, leave: once(() => this.#free()) };
    }
    if (over === "reject") return null;
    let call: (isTurn: boolean) => void = () => {};
    const turn = new Promise<boolean>((resolve) => {
      call = resolve;
    });
    this.#queue.add(call);
    const leave = once(() => {
      if (this.#queue.delete(call)) call(false);
      else this.#free();
    });
    return { turn, leave };
  }

  /** Gives the place to the first of the queue. */
  #free(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#taken--;
      return;
    }
    this.#queue.delete(next);
    next(true);
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

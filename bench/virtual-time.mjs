/** A clock that leaps to the next timer, for hours in seconds. */
export class VirtualClock {
  #now = 0;
  #heap = [];
  #order = 0;

  now() {
    return this.#now;
  }

  wall() {
    return new Date(Date.UTC(2026, 0, 1) + this.#now).toISOString();
  }

  after(ms, work) {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, work };
    this.#push(timer);
    return () => {
      timer.work = null;
    };
  }

  sleep(ms) {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Rings timers in order until `done` settles. */
  async drive(done) {
    let finished = false;
    const end = () => {
      finished = true;
    };
    done.then(end, end);
    for (let idle = 0; !finished && idle < 5; ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (finished) break;
      const timer = this.#pop();
      if (timer === null) {
        idle++;
        continue;
      }
      idle = 0;
      this.#now = Math.max(this.#now, timer.at);
      timer.work();
    }
    if (!finished) throw new Error("nothing left to do, and not done");
    await done;
  }

  #push(timer) {
    const heap = this.#heap;
    heap.push(timer);
    for (let i = heap.length - 1; i > 0; ) {
      const up = (i - 1) >> 1;
      if (isBefore(heap[up], heap[i])) break;
      [heap[up], heap[i]] = [heap[i], heap[up]];
      i = up;
    }
  }

  #pop() {
    for (;;) {
      const heap = this.#heap;
      const first = heap[0];
      if (first === undefined) return null;
      const last = heap.pop();
      if (heap.length > 0) {
        heap[0] = last;
        for (let i = 0; ; ) {
          let least = i;
          for (const child of [2 * i + 1, 2 * i + 2])
            if (child < heap.length && isBefore(heap[child], heap[least])) least = child;
          if (least === i) break;
          [heap[least], heap[i]] = [heap[i], heap[least]];
          i = least;
        }
      }
      if (first.work !== null) return first;
    }
  }
}

function isBefore(a, b) {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

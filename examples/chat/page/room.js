// What a room shows: lines that were heard, lines from its history, and notes. Every line once, in the
// order in which it was said, whichever way it came first.

/** Lines at most; the oldest go. */
const BOUND = 1000;

export class Room {
  entries = [];
  members = new Map();
  unread = 0;
  /** The history is to be loaded: it never was, or something was missed since. */
  stale = true;
  /** There may be older lines than those shown. */
  hasOlder = false;
  /** Why they could not be loaded. */
  problem;
  /** Where older lines end: the first offset that was loaded. */
  #oldest;
  /** Changes when the server lost the history; offsets of another epoch say nothing. */
  #epoch;
  /** The note behind which everything is from after the last gap. */
  #gap;

  constructor(channel) {
    this.channel = channel;
  }

  /** Adds at the end. `false`: it stands there already. */
  add(entry) {
    if (entry.at !== undefined && this.#since().some(({ at }) => at === entry.at)) return false;
    this.entries.push(entry);
    if (this.entries.length > BOUND) this.entries.shift();
    return true;
  }

  /** Something was missed here: the history may still have it. */
  gap(text) {
    this.stale = true;
    if (this.#gap && this.entries.at(-1) === this.#gap) return;
    const before = { gap: this.#gap, oldest: this.#oldest, hasOlder: this.hasOlder };
    this.#gap = { kind: "gap", text, before };
    this.#oldest = undefined;
    this.entries.push(this.#gap);
  }

  /** Something is missing, as far as is known by now. */
  get hasGap() {
    return this.#gap !== undefined;
  }

  /** What to ask the history for, to go on upwards. */
  get before() {
    return this.#oldest;
  }

  /** Takes in a page of history. */
  load({ epoch, events }) {
    if (epoch !== this.#epoch) this.#forget(epoch);
    this.stale = false;
    const [first] = events;
    // Offsets begin at 1. Where the first ones are gone already, only an empty page says so.
    this.hasOlder = first !== undefined && (first.prev ?? first.at - 1) > 0;
    this.#oldest = first?.at ?? this.#oldest;
    for (const { at, param } of events) this.#insert({ kind: "message", at, ...param });
    this.#closeGap(first);
  }

  /** The lines that came after the last gap. */
  #since() {
    return this.entries.slice(this.#start());
  }

  #start() {
    return this.entries.indexOf(this.#gap) + 1;
  }

  /** Offsets begin anew: those of the lines before the gap mean something else now. */
  #forget(epoch) {
    this.#epoch = epoch;
    for (const entry of this.entries.slice(0, this.#start())) entry.at = undefined;
  }

  /** Behind the last line that was said before it, and above the notes since the room was entered. */
  #insert(entry) {
    if (entry.text === undefined || this.entries.some(({ at }) => at === entry.at)) return;
    const start = this.#start();
    const last = this.entries.findLastIndex(({ at }, index) => index >= start && at < entry.at);
    this.entries.splice(Math.max(last + 1, start), 0, entry);
  }

  /** The history went back as far as what was heard before the gap: nothing is missing. */
  #closeGap(first) {
    if (!this.#gap || !first) return;
    const heard = this.entries.slice(0, this.#start()).findLast(({ at }) => at !== undefined)?.at;
    if (heard === undefined || (first.prev ?? first.at - 1) > heard) return;
    const { gap, oldest, hasOlder } = this.#gap.before;
    this.entries.splice(this.#start() - 1, 1);
    this.#gap = gap;
    this.#oldest = oldest;
    this.hasOlder = hasOlder;
  }
}

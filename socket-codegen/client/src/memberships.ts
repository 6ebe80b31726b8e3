// Memberships: the channels that this client wants to be in, and what the server says of it. Wishes
// outlive connections: each `:connect` names them all.

import { errorOf, lostCall } from "./calls.js";
import { SocketError } from "./errors.js";
import { type Fields, field, isFields } from "./wire.js";

/** What the server says of a channel that was joined. */
export interface JoinResult {
  /** Whether what was published meanwhile follows. Absent where the channel says nothing of it. */
  readonly recovery?: "fresh" | "complete" | "gap" | "none";
  /** What the server's join decision adds. */
  readonly data?: unknown;
}

interface Waiter {
  readonly resolve: (result: JoinResult) => void;
  readonly reject: (error: SocketError) => void;
}

interface Membership {
  /** Who wants it here; with a waiter until the server has said yes or no. */
  readonly holders: Map<object, Waiter | undefined>;
  /** The server put this connection in: kept like a wish of our own. */
  byServer: boolean;
  status: "out" | "asked" | "in";
  result: JoinResult;
}

interface MembershipHooks {
  readonly isOpen: () => boolean;
  readonly ask: (cmd: ":join" | ":leave", channel: string) => Promise<unknown>;
  /** A channel was lost, or never reached. `awaited`: a promise says so too. */
  readonly lost: (channel: string, error: SocketError, awaited: boolean) => void;
}

export class Memberships {
  readonly #all = new Map<string, Membership>();
  readonly #hooks: MembershipHooks;

  constructor(hooks: MembershipHooks) {
    this.#hooks = hooks;
  }

  /** Counted by holder: a second join of the same one changes nothing. */
  join(channel: string, holder: object): Promise<JoinResult> {
    const member = this.#get(channel);
    return new Promise((resolve, reject) => {
      if (member.status === "in") {
        member.holders.set(holder, undefined);
        resolve(member.result);
        return;
      }
      const earlier = member.holders.get(holder);
      const both: Waiter = {
        resolve(result) {
          earlier?.resolve(result);
          resolve(result);
        },
        reject(error) {
          earlier?.reject(error);
          reject(error);
        },
      };
      member.holders.set(holder, both);
      this.#reconcile(channel, member);
    });
  }

  leave(channel: string, holder: object): void {
    const member = this.#all.get(channel);
    if (!member) return;
    member.holders.get(holder)?.reject(new SocketError("aborted", "left before it was joined"));
    member.holders.delete(holder);
    if (member.holders.size > 0) return;
    member.byServer = false;
    // At the end of the task, so that leaving and joining again at once cancel out: frameworks take a
    // component down and put it up again, and the server need not hear of it.
    setTimeout(() => this.#reconcile(channel, member));
  }

  /** What `:connect` says of channels. */
  request(): Fields {
    const wanted = [...this.#all].filter(([, member]) => isWanted(member));
    for (const [, member] of wanted) member.status = "asked";
    return Object.fromEntries(wanted.map(([channel]) => [channel, {}]));
  }

  /** What the answer to `:connect` says of them. */
  welcome(results: unknown): void {
    for (const [channel, result] of Object.entries(isFields(results) ? results : {})) {
      const error = field(result, "error");
      if (isFields(error)) this.closed(channel, errorOf(error));
      else this.joined(channel, result);
    }
    for (const [channel, member] of [...this.#all]) {
      // Asked for after `:connect` was written, or not spoken of in the answer.
      if (member.status === "asked") member.status = "out";
      this.#reconcile(channel, member);
    }
  }

  /** The server says that this connection is in. */
  joined(channel: string, result: unknown): void {
    // Names that begin with a colon are everybody's, and nobody joins or leaves them.
    if (channel.startsWith(":")) return;
    const member = this.#get(channel);
    if (member.status === "out") member.byServer = true;
    this.#enter(member, result);
    this.#reconcile(channel, member);
  }

  /** The server says that this connection is not in, and why. */
  closed(channel: string, error: SocketError): void {
    const member = this.#all.get(channel);
    if (!member) return;
    this.#all.delete(channel);
    const waiters = [...member.holders.values()];
    for (const waiter of waiters) waiter?.reject(error);
    this.#hooks.lost(channel, error, waiters.some(Boolean));
  }

  /** The connection is gone; the wishes stay. */
  broken(): void {
    for (const [channel, member] of [...this.#all]) {
      member.status = "out";
      this.#reconcile(channel, member);
    }
  }

  /** No connection will come: what is waited for will not happen. What was joined stays wanted. */
  fail(): void {
    for (const member of this.#all.values()) {
      for (const [holder, waiter] of [...member.holders]) {
        member.holders.set(holder, undefined);
        waiter?.reject(lostCall(false));
      }
    }
  }

  #get(channel: string): Membership {
    const known = this.#all.get(channel);
    if (known) return known;
    const fresh: Membership = { holders: new Map(), byServer: false, status: "out", result: {} };
    this.#all.set(channel, fresh);
    return fresh;
  }

  #enter(member: Membership, result: unknown): void {
    member.status = "in";
    member.result = isFields(result) ? result : {};
    for (const [holder, waiter] of [...member.holders]) {
      member.holders.set(holder, undefined);
      waiter?.resolve(member.result);
    }
  }

  /** Asks for what differs between wish and fact. An answer that is still to come is waited for. */
  #reconcile(channel: string, member: Membership): void {
    if (this.#all.get(channel) !== member || member.status === "asked") return;
    const open = this.#hooks.isOpen();
    if (!isWanted(member)) {
      this.#all.delete(channel);
      if (open && member.status === "in") this.#hooks.ask(":leave", channel).catch(() => {});
    } else if (open && member.status === "out") {
      member.status = "asked";
      this.#hooks.ask(":join", channel).then(
        (result) => {
          if (member.status !== "asked") return;
          this.#enter(member, result);
          this.#reconcile(channel, member);
        },
        (error: SocketError) => {
          // After a break the next `:connect` asks again.
          if (error.code === "disconnected" || this.#all.get(channel) !== member) return;
          this.closed(channel, error);
        },
      );
    }
  }
}

function isWanted(member: Membership): boolean {
  return member.byServer || member.holders.size > 0;
}

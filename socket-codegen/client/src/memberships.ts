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

interface Membership {
  /** Who wants it here. */
  readonly holders: Set<object>;
  /** The server put this connection in: kept like a wish of our own. */
  byServer: boolean;
  status: "out" | "asked" | "in";
  result: JoinResult;
  /** Told the outcome: a `SocketError`, or the result. */
  waiters: ((outcome: JoinResult | SocketError) => void)[];
}

interface MembershipHooks {
  readonly isOpen: () => boolean;
  readonly ask: (cmd: ":join" | ":leave", channel: string, end: (outcome: unknown) => void) => void;
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
    member.holders.add(holder);
    return new Promise((resolve, reject) => {
      member.waiters.push((outcome) => {
        if (outcome instanceof SocketError) reject(outcome);
        else resolve(outcome);
      });
      if (member.status === "in") tell(member, member.result);
      else this.#reconcile(channel, member);
    });
  }

  leave(channel: string, holder: object): void {
    const member = this.#all.get(channel);
    if (!member) return;
    member.holders.delete(holder);
    // At the end of the task, so that leaving and joining again at once cancel out: frameworks take a
    // component down and put it up again, and the server need not hear of it.
    setTimeout(() => {
      if (member.holders.size > 0) return;
      member.byServer = false;
      tell(member, new SocketError("aborted", "left before it was joined"));
      this.#reconcile(channel, member);
    });
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
      if (error === undefined) this.joined(channel, result);
      else this.closed(channel, errorOf(error));
    }
    for (const [channel, member] of this.#all) {
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
    this.#enter(channel, member, result);
  }

  /** The server says that this connection is not in, and why. */
  closed(channel: string, error: SocketError): void {
    const member = this.#all.get(channel);
    if (!member) return;
    this.#all.delete(channel);
    const awaited = member.waiters.length > 0;
    tell(member, error);
    this.#hooks.lost(channel, error, awaited);
  }

  /** The connection is gone; the wishes stay. */
  broken(): void {
    for (const [channel, member] of this.#all) {
      member.status = "out";
      this.#reconcile(channel, member);
    }
  }

  /** No connection will come: what is waited for will not happen. The wishes stay. */
  fail(): void {
    for (const member of this.#all.values()) tell(member, lostCall(false));
  }

  #get(channel: string): Membership {
    const known = this.#all.get(channel);
    if (known) return known;
    const fresh: Membership = {
      holders: new Set(),
      byServer: false,
      status: "out",
      result: {},
      waiters: [],
    };
    this.#all.set(channel, fresh);
    return fresh;
  }

  #enter(channel: string, member: Membership, result: unknown): void {
    member.status = "in";
    member.result = isFields(result) ? result : {};
    tell(member, member.result);
    this.#reconcile(channel, member);
  }

  /** Asks for what differs between wish and fact. An answer that is still to come is waited for. */
  #reconcile(channel: string, member: Membership): void {
    if (this.#all.get(channel) !== member || member.status === "asked") return;
    const open = this.#hooks.isOpen();
    if (!isWanted(member)) {
      this.#all.delete(channel);
      // Leaving what one is not in is a success too: no answer to it matters.
      if (open && member.status === "in") this.#hooks.ask(":leave", channel, () => {});
    } else if (open && member.status === "out") {
      member.status = "asked";
      this.#hooks.ask(":join", channel, (outcome) => {
        // It may have been lost, or left, meanwhile. After a break the next `:connect` asks again.
        if (this.#all.get(channel) !== member || member.status !== "asked") return;
        if (!(outcome instanceof SocketError)) this.#enter(channel, member, outcome);
        else if (outcome.code !== "disconnected") this.closed(channel, outcome);
      });
    }
  }
}

function tell(member: Membership, outcome: JoinResult | SocketError): void {
  for (const waiter of member.waiters.splice(0)) waiter(outcome);
}

function isWanted(member: Membership): boolean {
  return member.byServer || member.holders.size > 0;
}

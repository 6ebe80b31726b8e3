// Channels: those that this client is in, or wishes to be in, and what the server says of them.

import type { Core } from "../core.js";
import { SocketError } from "../errors.js";
import { report, tell } from "../handlers.js";
import type { Gap, JoinResult, Membership } from "./membership.js";

/** What is known of a channel, from now on. */
export function memberOf({ members }: Core, channel: string): Membership {
  const member = members.get(channel) ?? { rooms: new Set() };
  members.set(channel, member);
  return member;
}

/** Tells the program that events may be missing. */
export function missed(core: Core, channel: string, reason: Gap["reason"]): void {
  if (!tell(core, [`:gap ${channel}`, ":onGap"], { channel, reason }) && reason === "gap")
    report(core, "channel", `${channel}: ${reason}`);
}

/** The server let this connection in, and says where the channel stands. */
export function joined(core: Core, channel: string, said: unknown): void {
  const member = memberOf(core, channel);
  const result: JoinResult = Object(said);
  const { recovery } = result;
  const hasMissed = member.result === null && recovery !== "complete";
  core.descriptor.recovery?.[0](member, result, hasMissed);
  member.result = result;
  tell(core, [`:joined ${channel}`], result);
  if (hasMissed) missed(core, channel, recovery === "gap" ? recovery : "no-history");
}

/** The server took this connection out, or did not let it in. */
export function expelled(core: Core, channel: string, error: SocketError): void {
  if (
    core.members.delete(channel) &&
    !tell(core, [`:joined ${channel}`, `:closed ${channel}`], error)
  )
    report(core, "channel", `${channel}: ${error.message}`, error);
}

/** The server lost events of a channel, and says where it stands now. */
export function interrupted(core: Core, channel: string, said: unknown): void {
  const member = core.members.get(channel);
  if (!member) return;
  core.descriptor.recovery?.[0](member, said, true);
  missed(core, channel, "gap");
}

/** The connection is gone. `forGood`: no other follows. */
export function away(core: Core, forGood: boolean): void {
  for (const [channel, member] of core.members) {
    member.result &&= null;
    if (forGood) tell(core, [`:joined ${channel}`], new SocketError({ code: "disconnected" }));
  }
}

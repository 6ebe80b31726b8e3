//! Rows on messages, calls, channels and limits. Columns: param, reply, error, event.

use super::{row, same};
use crate::breaking::level::Cell::{B, BKept, BOver, Na, Ok, S, SW, W};
use crate::breaking::rule::{Row, Rule};

pub(super) const ROWS: &[Row] = &[
    row!(
        MessageRemoved, "a message is gone",
        why "old pages still send the command and are refused; a removed event goes silent",
        fix "keep it, mark it #[deprecated] with `since` and `sunset`, and remove it once every page has stopped using it",
        ([BOver, Na, Na, SW], [S, Na, Na, S]), mirror MessageAdded
    ),
    row!(
        MessageAdded, "a message is new",
        why "an old server does not know the command; an old page hands the event to `onUnknown`",
        fix "deploy the servers before the pages",
        ([Ok, Na, Na, Ok], [B, Na, Na, Ok]), mirror MessageRemoved,
        waiver "no announced day excuses that an old server lacks a command; an event that it does not send yet has not happened"
    ),
    row!(
        MessageRenamed, "a message has another wire name",
        why "old pages use the old name",
        fix "give the new name an `alias` of the old one until old pages are gone",
        ([BKept, Na, Na, BKept], [B, Na, Na, B]), mirror MessageRenamed,
        waiver "the alias stands in the new definition, so it helps in one direction only"
    ),
    row!(
        NameReused, "a name that was given up is back",
        why "a page that knew the old meaning takes the new one for it",
        fix "choose a new name",
        same([B, B, B, B]), mirror NameReused
    ),
    row!(
        ReservationDropped, "a name is no longer reserved",
        why "nothing keeps it from coming back with another meaning",
        fix "keep it in `reserved(...)`",
        same([W, W, W, W]),
        waiver "reserving a name is harmless and reports nothing"
    ),
    row!(
        AliasDropped, "a former name no longer works",
        why "pages older than the baseline may still use it",
        fix "keep the `alias` until the pages that used it are gone",
        ([W, W, W, W], [Ok, Ok, Ok, Ok]),
        waiver "no new page uses a former name"
    ),
    row!(
        DeprecationSkipped, "a message was removed before its promised day",
        why "the definition named a day until which it could be relied upon",
        fix "bring it back until its `sunset`, or until `since` and the time of grace have passed",
        ([B, Na, Na, SW], [Ok, Na, Na, Ok]),
        waiver "the promise was made to the pages that are open; a new page does not use it"
    ),
    row!(
        StabilityLowered, "a message may be relied upon less than before",
        why "pages that are open were built on the promise; a draft is not even compared",
        fix "keep its `stability`, and start again under another name",
        same([W, Na, Na, W]),
        waiver "promising more is harmless and reports nothing"
    ),
    row!(
        ReplyRemoved, "a command no longer declares a reply",
        why "old callers wait for an answer that holds nothing they can use",
        fix "keep the reply, or add a command without one",
        ([Na, B, Na, Na], [Na, Ok, Na, Na]), mirror ReplyAdded
    ),
    row!(
        ReplyAdded, "a command gains a reply",
        why "a new caller of an old server waits for an answer that holds nothing it can use",
        fix "deploy the servers before the pages",
        ([Na, Ok, Na, Na], [Na, B, Na, Na]), mirror ReplyRemoved
    ),
    row!(
        StreamingChanged, "a command turns from one answer to a stream, or back",
        why "the caller expects the other kind of answer",
        fix "add a command of the other kind beside it",
        ([Na, B, Na, Na], [Na, B, Na, Na]), mirror StreamingChanged
    ),
    row!(
        IdempotencyLowered, "a command may no longer run twice",
        why "old pages send it again after a broken connection",
        fix "keep it `idempotent`, or add a command that is not",
        ([B, Na, Na, Na], [Ok, Na, Na, Na]), mirror IdempotencyRaised
    ),
    row!(
        IdempotencyRaised, "a command may now run twice",
        why "new pages send it again to an old server, which does it twice",
        fix "deploy the servers before the pages",
        ([Ok, Na, Na, Na], [B, Na, Na, Na]), mirror IdempotencyLowered
    ),
    row!(
        ChannelPatternChanged, "a channel's names are made in another way",
        why "old pages join, and listen on, names that are no longer this channel's",
        fix "keep the pattern and add a channel with the new one",
        same([BKept, Na, Na, BKept]), mirror ChannelPatternChanged
    ),
    row!(
        SizeLimitLowered, "the longest message is shorter",
        why "the server refuses messages that old pages may send",
        fix "keep the limit, or lower it once every page stays below it",
        ([B, Na, Na, Na], [Ok, Na, Na, Na]), mirror SizeLimitRaised
    ),
    row!(
        SizeLimitRaised, "the longest message is longer",
        why "an old server refuses messages that new pages may send",
        fix "deploy the servers before the pages",
        ([Ok, Na, Na, Na], [B, Na, Na, Na]), mirror SizeLimitLowered
    ),
    row!(
        RecoveryRemoved, "events are no longer kept for those who come back",
        why "what happens while a page is away is lost to it",
        fix "keep the history, or tell the pages to load the state again",
        ([Na, Na, Na, W], [Na, Na, Na, Ok]), mirror RecoveryAdded
    ),
    row!(
        RecoveryAdded, "events are now kept for those who come back",
        why "a new page on an old server is told `recovery: none`",
        fix "deploy the servers before the pages",
        ([Na, Na, Na, Ok], [Na, Na, Na, W]), mirror RecoveryRemoved
    ),
];

//! Rows on the shapes of params, replies, errors and events, and on the check itself. Columns:
//! param, reply, error, event.

use super::{row, same};
use crate::breaking::level::Cell::{
    B, BKept, BNarrow, BOpen, BWiden, Na, Ok, OkDeny, OkText, S, SW, W, WBrand, WDeny, WText,
};
use crate::breaking::rule::{Row, Rule};

pub(super) const ROWS: &[Row] = &[
    row!(
        FieldAddedRequired, "a field that must be there is new",
        why "the side that writes the old form leaves it out",
        fix "make it an Option, or give it #[serde(default)]",
        ([B, Ok, Ok, Ok], [WDeny, B, B, B]), mirror FieldRemovedRequired
    ),
    row!(
        FieldAddedOptional, "a field that may be left out is new",
        why "only a side that denies unknown keys refuses it",
        fix "deploy the servers before the pages, or take deny_unknown_fields off first",
        ([Ok, Ok, Ok, Ok], [OkDeny, Ok, Ok, Ok]), mirror FieldRemovedOptional,
        waiver "its type allows that it is absent, so a side that never writes it is expected"
    ),
    row!(
        FieldRemovedRequired, "a field that was always there is gone",
        why "the server ignores or refuses it when old pages send it; old pages miss it when they read it",
        fix "keep it, marked #[deprecated], until every page has stopped using it",
        ([WDeny, B, B, B], [B, S, S, S]), mirror FieldAddedRequired
    ),
    row!(
        FieldRemovedOptional, "a field that could be left out is gone",
        why "the server ignores or refuses it when old pages send it; old pages find it empty when they read it",
        fix "keep it, marked #[deprecated], until every page has stopped using it",
        ([WDeny, SW, SW, SW], [Ok, S, S, S]), mirror FieldAddedOptional
    ),
    row!(
        FieldBecameRequired, "a field must now be there",
        why "the side that writes the old form may leave it out",
        fix "keep it an Option or #[serde(default)], and check for it in the handler",
        ([B, Ok, Ok, Ok], [S, B, B, B]), mirror FieldBecameOptional
    ),
    row!(
        FieldBecameOptional, "a field may now be absent",
        why "the side that reads the old form relies on it",
        fix "keep writing it, with an empty value if there is nothing to write",
        ([Ok, B, B, B], [B, S, S, S]), mirror FieldBecameRequired
    ),
    row!(
        FieldRenamed, "a field or variant has another name",
        why "the other side writes or reads the old name",
        fix "#[serde(alias = \"...\")] for what is read; for what is written, keep the old name beside the new one",
        ([BKept, B, B, B], [B, B, B, B]), mirror FieldRenamed,
        waiver "the alias stands in the new definition, so it helps in one direction only"
    ),
    row!(
        UnknownDenied, "unknown keys are now refused",
        why "old pages may send keys that the new definition does not have",
        fix "leave deny_unknown_fields off",
        ([B, Ok, Ok, Ok], [Ok, Ok, Ok, Ok]), mirror UnknownAllowed
    ),
    row!(
        UnknownAllowed, "unknown keys are now ignored",
        why "an old server refuses what it does not know",
        fix "deploy the servers before the pages",
        ([Ok, Ok, Ok, Ok], [B, Ok, Ok, Ok]), mirror UnknownDenied
    ),
    row!(
        DefaultChanged, "a field that is left out means something else",
        why "a page that leaves it out expects the old meaning",
        fix "keep the default, or send the value",
        same([W, Ok, Ok, Ok]), mirror DefaultChanged
    ),
    row!(
        NullAdded, "null is now possible",
        why "the side that reads the old form does not expect it",
        fix "keep writing a value, or leave the field out where it may be absent",
        ([Ok, B, B, B], [B, S, S, S]), mirror NullRemoved
    ),
    row!(
        NullRemoved, "null is no longer possible",
        why "the side that writes the old form may write it",
        fix "keep the Option, and check for it in the handler",
        ([B, Ok, Ok, Ok], [S, B, B, B]), mirror NullAdded
    ),
    row!(
        TypeChanged, "another type",
        why "neither side understands what the other writes",
        fix "keep the field and add one of the new type beside it",
        same([B, B, B, B]), mirror TypeChanged
    ),
    row!(
        TypeWidened, "more types of value than before",
        why "the side that reads the old form does not know the new ones",
        fix "keep writing the old type, and add a field beside it",
        ([Ok, B, B, B], [B, S, S, S]), mirror TypeNarrowed
    ),
    row!(
        TypeNarrowed, "fewer types of value than before",
        why "the side that writes the old form may write what is gone",
        fix "keep reading the old type",
        ([B, S, S, S], [S, B, B, B]), mirror TypeWidened
    ),
    row!(
        TypeRenamed, "the exported type has another name",
        why "TypeScript that imports the old name no longer compiles",
        fix "keep the name, or export an alias of it in the page's own code",
        same([S, S, S, S]), mirror TypeRenamed
    ),
    row!(
        TypescriptChanged, "the same on the wire, and another type in TypeScript",
        why "TypeScript that was written for the old type no longer compiles, or compares what never is equal",
        fix "keep the attribute as it was, or change the page's code with it",
        same([S, S, S, S]), mirror TypescriptChanged
    ),
    row!(
        IntWidened, "an integer has a wider range",
        why "the side that reads the old form may not hold the larger numbers",
        fix "keep writing numbers of the old range",
        ([Ok, W, Ok, Ok], [B, Ok, Ok, Ok]), mirror IntNarrowed
    ),
    row!(
        IntNarrowed, "an integer has a narrower range",
        why "the side that writes the old form may write what no longer fits",
        fix "keep the wider type, and check the range in the handler",
        ([B, Ok, Ok, Ok], [Ok, W, Ok, Ok]), mirror IntWidened
    ),
    row!(
        IntPast2To53, "an integer goes past 2^53, or its digits become text",
        why "JavaScript rounds such numbers; a reader of numbers cannot use text, nor the other way",
        fix "keep the old field, and add one that is written as text",
        ([OkText, WText, WText, WText], [B, OkText, OkText, OkText]), mirror IntNarrowed,
        waiver "the change back is a narrowing where both forms are digits, and this rule where they are not"
    ),
    row!(
        FloatToInt, "a number must now be whole",
        why "the side that writes the old form may write fractions",
        fix "keep the float, and round in the handler",
        ([B, Ok, Ok, Ok], [Ok, W, W, W]), mirror IntToFloat
    ),
    row!(
        IntToFloat, "a number may now have a fraction",
        why "the side that reads the old form expects whole numbers",
        fix "add a field for the fraction",
        ([Ok, W, W, W], [B, Ok, Ok, Ok]), mirror FloatToInt
    ),
    row!(
        UnionAdded, "a variant is new",
        why "the side that reads the old form does not know it",
        fix "generate the union open, so that pages handle what they do not know",
        ([Ok, BOpen, W, BOpen], [BOpen, Ok, Ok, Ok]), mirror UnionRemoved
    ),
    row!(
        UnionRemoved, "a variant is gone",
        why "the side that writes the old form may write it",
        fix "keep it, marked #[deprecated], until every page has stopped sending it",
        ([BOpen, S, S, S], [S, BOpen, W, BOpen]), mirror UnionAdded
    ),
    row!(
        EnumAdded, "a value is new",
        why "the side that reads the old form does not know it",
        fix "generate the enum open, so that pages handle what they do not know",
        ([Ok, BOpen, W, BOpen], [BOpen, Ok, Ok, Ok]), mirror EnumRemoved
    ),
    row!(
        EnumRemoved, "a value is gone",
        why "the side that writes the old form may write it",
        fix "keep it, marked #[deprecated], until every page has stopped sending it",
        ([BOpen, S, S, S], [S, BOpen, W, BOpen]), mirror EnumAdded
    ),
    row!(
        TaggingChanged, "an enum is tagged in another way",
        why "the reader looks for the variant's name in another place",
        fix "keep the serde attributes `tag`, `content` and `untagged` as they were",
        same([B, B, B, B]), mirror TaggingChanged
    ),
    row!(
        ConstraintTightened, "a bound, length, pattern or format is stricter",
        why "the side that writes the old form may write what is now refused",
        fix "keep the old bound, or tighten it once every page stays within the new one",
        ([B, Ok, Ok, Ok], [Ok, W, W, W]), mirror ConstraintLoosened
    ),
    row!(
        ConstraintLoosened, "a bound, length, pattern or format is laxer",
        why "the side that reads the old form may rely on the old bound",
        fix "keep writing values within the old bound",
        ([Ok, WBrand, WBrand, WBrand], [B, Ok, Ok, Ok]), mirror ConstraintTightened
    ),
    row!(
        MapKeyChanged, "a map has other keys",
        why "the reader refuses keys that were removed and does not know keys that were added",
        fix "keep the type of the keys, and add a map beside it",
        ([BNarrow, BWiden, BWiden, BWiden], [BWiden, BNarrow, BNarrow, BNarrow]), mirror MapKeyChanged
    ),
    row!(
        Undecided, "a change that cannot be judged",
        why "the two schemas cannot be compared: a regular expression, or a mixture of shapes",
        fix "look at the change, and accept it in the allow list with a reason",
        same([W, W, W, W]), mirror Undecided
    ),
    row!(
        DocChanged, "other words",
        why "the wire carries no docs",
        fix "nothing to do",
        same([Ok, Ok, Ok, Ok]), mirror DocChanged
    ),
    row!(
        DeprecatedAdded, "marked as deprecated",
        why "editors strike it through; it works as before",
        fix "name the day with `since` and `sunset`",
        same([Ok, Ok, Ok, Ok]), mirror DeprecatedAdded
    ),
    row!(
        OrderChanged, "declared in another order",
        why "names and not places matter on the wire",
        fix "nothing to do",
        same([Ok, Ok, Ok, Ok]), mirror OrderChanged
    ),
    row!(
        AllowUnused, "an [[allow]] entry that matches nothing",
        why "it would hide the next one at the same place",
        fix "remove the entry from the allow list",
        same([W, Na, Na, Na]),
        waiver "it is about the list and not about the protocol"
    ),
    row!(
        AllowExpired, "an [[allow]] entry whose last day has passed",
        why "it was accepted until a day that has passed",
        fix "fix the break, or accept it again with a new day and reason",
        same([W, Na, Na, Na]),
        waiver "it is about the list and not about the protocol"
    ),
];

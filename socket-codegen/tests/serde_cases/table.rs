//! One row: what is right to receive and to send, and what serde must take and refuse.

/// What is accepted and refused is JSON, and TypeScript at the same time.
pub(crate) struct Row {
    pub(crate) row: &'static str,
    pub(crate) receive: &'static str,
    /// Empty: the same type.
    pub(crate) send: &'static str,
    pub(crate) accepted: &'static [&'static str],
    pub(crate) refused: &'static [&'static str],
}

pub(crate) const fn row(
    row: &'static str,
    receive: &'static str,
    send: &'static str,
    accepted: &'static [&'static str],
    refused: &'static [&'static str],
) -> Row {
    Row {
        row,
        receive,
        send,
        accepted,
        refused,
    }
}

/// All rows, in order.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    crate::objects::ROWS.iter().chain(crate::types::ROWS)
}

//! The client's channels, and its position in each.

pub(crate) mod memberships;
pub(crate) mod positions;

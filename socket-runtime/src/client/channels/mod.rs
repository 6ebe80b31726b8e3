//! What the client is in, and how far it has come there.

pub(crate) mod memberships;
pub(crate) mod positions;

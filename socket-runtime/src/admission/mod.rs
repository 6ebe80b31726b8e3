//! Who comes in: whose a connection is, what a client shows to be let in, which pages may connect,
//! and which versions of the protocol clients may speak.

mod authenticate;
mod forwarded;
mod identity;
mod pages;
mod versions;

pub use authenticate::{Authenticate, Credentials};
pub(crate) use authenticate::{Authenticator, RequestHead, authenticator};
pub(crate) use forwarded::{Proxies, crowd};
pub(crate) use identity::info;
pub use identity::{Identity, Login, User};
pub(crate) use pages::{Authority, Foreign, Pages, Visit};
pub(crate) use versions::VersionGate;
pub use versions::Versions;

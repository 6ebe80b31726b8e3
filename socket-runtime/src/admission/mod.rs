//! Admission: users, credentials, and the versions of the protocol that clients may speak.

mod authenticate;
mod identity;
mod versions;

pub use authenticate::{Authenticate, Credentials};
pub(crate) use authenticate::{Authenticator, RequestHead, authenticator};
pub(crate) use identity::info;
pub use identity::{Identity, Login, User};
pub(crate) use versions::VersionGate;
pub use versions::Versions;

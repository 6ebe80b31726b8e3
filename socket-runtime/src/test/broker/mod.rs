//! For authors of brokers: the suite that every broker passes, and a broker that causes trouble on
//! purpose.
//!
//! ```no_run
//! # use socket_runtime::broker::MemoryBroker;
//! # use std::sync::Arc;
//! # #[tokio::main] async fn main() {
//! // Anew for each part: what one published must not be found by the next.
//! socket_runtime::test::broker::suite(|| async { Arc::new(MemoryBroker::default()) }).await;
//! # }
//! ```

mod bench;
mod suite;
mod trouble;

pub use suite::suite;
pub use trouble::{Trouble, TroubledBroker};

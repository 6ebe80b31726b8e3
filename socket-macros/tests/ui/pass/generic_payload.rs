//! Payloads with type parameters, bounds and constants.
#![deny(warnings)]

use socket_protocol::prelude::*;

#[payload]
pub struct Page<T>
where
    T: Clone,
{
    #[garde(length(max = 2))]
    pub items: Vec<T>,
}

#[payload]
pub enum Either<A, B> {
    Left(A),
    Right(B),
}

#[derive(Events)]
pub enum ListEvent {
    Listed { page: Page<u32>, more: Either<bool, Page<String>> },
}

fn main() {
    let page = Page { items: vec![1, 2, 3] };
    assert_eq!(page.validate().unwrap_err().path, "items");
}

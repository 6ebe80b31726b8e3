//! The guide, page by page.

#[doc = include_str!("proxy.md")]
pub mod behind_a_proxy {}

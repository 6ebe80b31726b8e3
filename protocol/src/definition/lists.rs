//! The compile-time check of the lists of a set of channels.

/// The lists of a set of channels, checked against the protocol that it belongs to.
pub trait Lists {
    /// Stops the compiler at a name that the protocol does not have.
    const KNOWN: ();
}

impl Lists for () {
    const KNOWN: () = ();
}

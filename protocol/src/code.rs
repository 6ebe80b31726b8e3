//! Every error code and close code, once: name or number, whether a client comes back, one line of
//! meaning. The TypeScript client's table and the ones in `PROTOCOL.md` are checked against these.

use std::fmt;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $sent:literal;)+) => {
        /// A built-in error code: the `code` of an error that no definition declared.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorCode {
            /// Every built-in code, in the order of `PROTOCOL.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// `true` if servers send it; clients make the others themselves.
            #[must_use]
            pub const fn is_sent(self) -> bool {
                match self { $(Self::$name => $sent,)+ }
            }
        }
    };
}

error_codes! {
    /// Not JSON, not an object, no `cmd`, or a field of the wrong type.
    InvalidMessage = "invalid-message", true;
    /// Unknown command; `data.cmd`, and `data.similar` where one is close.
    UnknownCommand = "unknown-command", true;
    /// The parameters do not fit the type or break a rule; `data.path`, `data.reason`.
    InvalidParam = "invalid-param", true;
    /// The caller is unknown.
    Unauthorized = "unauthorized", true;
    /// The caller is known but lacks permission.
    Forbidden = "forbidden", true;
    /// The connection is not in that channel.
    NotJoined = "not-joined", true;
    /// The protocol declares no such channel.
    UnknownChannel = "unknown-channel", true;
    /// The channel name is invalid.
    InvalidChannel = "invalid-channel", true;
    /// Too many in too short a time; `data.retryAfter`, in milliseconds.
    RateLimited = "rate-limited", true;
    /// Larger than a limit; `data.limit`.
    TooLarge = "too-large", true;
    /// More than a limit; `data.limit`.
    TooMany = "too-many", true;
    /// The call took longer than the caller or the server waits.
    Timeout = "timeout", true;
    /// The caller cancelled the call.
    Cancelled = "cancelled", true;
    /// The command ran, or may have run, but its answer was lost.
    OutcomeUnknown = "outcome-unknown", true;
    /// The broker is out of reach; nothing was published.
    Unavailable = "unavailable", true;
    /// The client's protocol is too old for this server.
    UpgradeRequired = "upgrade-required", true;
    /// A handler failed or panicked; `data.incident` is in the server's log too.
    Internal = "internal", true;
    /// The connection went away before the answer came; `sent` says whether the command went out.
    Disconnected = "disconnected", false;
    /// The caller gave up.
    Aborted = "aborted", false;
    /// The client's own queue is full.
    QueueFull = "queue-full", false;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! close_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $reason:literal;)+) => {
        /// Why a connection was closed. Up to 4499 a client reconnects, with backoff; from 4500 on it
        /// stays disconnected.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CloseCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl CloseCode {
            /// Every close code, in the order of `PROTOCOL.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The number in the close frame.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number,)+ }
            }

            /// The phrase in the close frame, for people.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$name => $reason,)+ }
            }
        }
    };
}

close_codes! {
    /// Done.
    Done = 1000, "done";
    /// The server is shutting down: reconnect within the announced window.
    GoingAway = 1001, "going away";
    /// A violation of the WebSocket protocol.
    ProtocolViolation = 1002, "protocol violation";
    /// A binary frame; this version speaks text.
    Unsupported = 1003, "binary frames are not supported";
    /// Text that is not UTF-8.
    InvalidUtf8 = 1007, "invalid UTF-8";
    /// A message over the limit.
    TooLarge = 1009, "message too large";
    /// Authentication failed or the token expired: reconnect with a new one.
    Unauthorized = 4401, "unauthorized";
    /// The heartbeat timed out.
    NoSignOfLife = 4402, "no sign of life";
    /// The connection's queue was full: reconnect and recover.
    SlowConsumer = 4404, "slow consumer";
    /// `:connect` did not arrive in time.
    HandshakeTimeout = 4408, "handshake timeout";
    /// A rate limit was exceeded repeatedly: reconnect after at least 3 s.
    RateLimited = 4429, "rate limited";
    /// The first message was not `:connect`.
    BadHandshake = 4500, "bad handshake";
    /// Too many invalid messages.
    TooManyErrors = 4502, "too many protocol errors";
    /// Disconnected by the server's owner.
    Disconnected = 4503, "disconnected by the server";
    /// The session went on elsewhere.
    Replaced = 4505, "replaced";
    /// The client's protocol is too old for this server.
    UpgradeRequired = 4526, "upgrade required";
}

impl CloseCode {
    /// `true` if a client does not reconnect after this code.
    #[must_use]
    pub const fn is_final(self) -> bool {
        self.number() >= 4500
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.number(), self.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../PROTOCOL.md");

    #[test]
    fn protocol_md_lists_every_error_code() {
        for code in ErrorCode::ALL {
            assert!(
                PAGE.contains(&format!("`{code}`")),
                "{code} is missing in PROTOCOL.md"
            );
        }
    }

    #[test]
    fn protocol_md_lists_every_close_code() {
        for code in CloseCode::ALL {
            assert!(
                PAGE.contains(&code.number().to_string()),
                "{code} is missing in PROTOCOL.md"
            );
        }
    }
}

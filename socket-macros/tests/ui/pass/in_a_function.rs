//! A definition inside a function, as in a doc test.

fn main() {
    use socket_protocol::prelude::*;

    #[derive(Debug, ErrorCodes)]
    enum JoinError {
        /// The room {is} full.
        #[allow(dead_code, reason = "its fields are read by the derive alone")]
        RoomFull { max: u32 },
        #[code(message = "{0} is too late, {{really}}")]
        Late(u32),
    }

    let full = socket_protocol::ErrorCodes::into_wire(JoinError::RoomFull { max: 1 });
    assert_eq!(full.message, "The room {is} full");
    let late = socket_protocol::ErrorCodes::into_wire(JoinError::Late(5));
    assert_eq!(late.message, "5 is too late, {really}");
}

use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    #[deprecated]
    #[command(since = "31.1.2026")]
    Say { text: String },
    #[command(sunset = "2026-02-29")]
    Shout { text: String },
    #[command(stability = "stabel")]
    Chat { text: String },
    #[command(since = "2026-01-31")]
    Join,
    #[deprecated]
    #[command(since = "2026-01-31", sunset = "2025-12-31")]
    Leave,
}

fn main() {}

//-     #[command(since = "2026-01-31")]
//+     #[deprecated = "use `follow`"] #[command(since = "2026-01-31")]
//- "31.1.2026"
//+ "2026-01-31"
//- "2026-02-29"
//+ "2026-02-28"
//- "stabel"
//+ "stable"
//- "2025-12-31"
//+ "2026-12-31"

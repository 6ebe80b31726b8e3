use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum ChatCommand {
    Chat {
        #[garde(lenght(max = 20))]
        text: String,
        #[garde(phone_number)]
        from: String,
    },
}

fn main() {}

//- lenght
//+ length
//- phone_number
//+ ascii

use socket_protocol::prelude::*;

#[payload]
pub struct Flat {
    x: i32,
}

#[derive(Debug, Clone)]
pub struct Name(String);

impl std::str::FromStr for Name {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Commands)]
pub enum ChatCommand {
    Flat { flat: Flat },
}

#[derive(Channels)]
pub enum ChatChannel {
    #[channel("{name}")]
    Name { name: Name },
}

fn main() {}

//- flat: Flat
//+ flat: self::Flat
//- name: Name
//+ name: self::Name

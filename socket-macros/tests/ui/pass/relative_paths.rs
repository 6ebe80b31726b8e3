//! Types that are named from where the enum stands.
#![deny(warnings)]

use socket_protocol::prelude::*;

#[payload]
#[derive(Clone)]
pub struct Outer {
    pub x: i32,
}

pub mod inner {
    use super::prelude::*;

    #[payload]
    #[derive(Clone)]
    pub struct Near {
        pub x: i32,
    }

    pub mod deep {
        use socket_protocol::prelude::*;

        #[payload]
        #[derive(Clone)]
        pub struct Near {
            pub y: i32,
        }

        #[derive(Commands)]
        pub enum DeepCommand {
            Go {
                outer: Vec<super::super::Outer>,
                middle: (super::Near, Option<crate::inner::Near>),
                near: self::Near,
                here: Near,
            },
        }
    }
}

mod prelude {
    pub use socket_protocol::prelude::*;
}

fn main() {
    let go = inner::deep::deep_command::Go {
        outer: vec![Outer { x: 1 }],
        middle: (inner::Near { x: 1 }, None),
        near: inner::deep::Near { y: 1 },
        here: inner::deep::Near { y: 1 },
    };
    assert_eq!(go.clone().outer[0].x, 1);
}

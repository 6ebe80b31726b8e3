//! Random schedules over a real service and the Rust client: what goes wrong between them may cost
//! time, and nothing else that nobody is told of.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "tests"
)]

mod crowd;
mod cuts;
mod ledger;
mod protocol;
mod world;

use std::time::Duration;

use proptest::prelude::*;
use socket_runtime::test::Direction;

use protocol::Place;
use world::World;

/// What happens next.
#[derive(Debug, Clone)]
pub enum Step {
    Publish(Place, u32),
    /// A call that may run once, and takes so many milliseconds.
    Deposit(u64),
    /// A call that may run twice.
    Look,
    Join(Place),
    Leave(Place),
    /// The server takes the client out, or puts it in.
    Remove(Place),
    Insert(Place),
    /// Nobody may join any more, or everybody may again. Who is in stays in.
    Forbid(Place),
    Allow(Place),
    /// The connection breaks at once, or so many bytes later.
    Cut,
    CutAfter(Direction, u64),
    /// Nothing passes for so long, then the connection breaks.
    Hole(Duration),
    /// No attempt to connect gets through for so long.
    Away(Duration),
    /// The server process dies and another one takes its place.
    Restart,
    Wait(Duration),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place =
        || prop_oneof![3 => Just(Place::Kept), 1 => Just(Place::Other), 1 => Just(Place::Unkept)];
    let millis = |range: std::ops::Range<u64>| range.prop_map(Duration::from_millis);
    let step = prop_oneof![
        8 => (place(), 1..4_u32).prop_map(|(place, count)| Step::Publish(place, count)),
        // More than the history holds.
        1 => place().prop_map(|place| Step::Publish(place, 15)),
        4 => (0..3_000_u64).prop_map(Step::Deposit),
        1 => Just(Step::Look),
        2 => place().prop_map(Step::Join),
        1 => place().prop_map(Step::Leave),
        1 => place().prop_map(Step::Remove),
        1 => place().prop_map(Step::Insert),
        1 => place().prop_map(Step::Forbid),
        1 => place().prop_map(Step::Allow),
        2 => Just(Step::Cut),
        3 => (prop_oneof![Just(Direction::Up), Just(Direction::Down)], 0..2_000_u64)
            .prop_map(|(direction, bytes)| Step::CutAfter(direction, bytes)),
        1 => millis(100..50_000).prop_map(Step::Hole),
        // Inside the resume window and outside of it.
        1 => prop_oneof![millis(100..20_000), millis(130_000..200_000)].prop_map(Step::Away),
        1 => Just(Step::Restart),
        4 => millis(1..5_000).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Runs with a clock that stands still while anything is to be done.
fn paused(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_doubled_or_reordered_in_silence(steps in steps()) {
        paused(async {
            let mut world = World::new().await;
            for step in &steps {
                world.take(step).await;
            }
            world.settle_and_check().await;
        });
    }
}

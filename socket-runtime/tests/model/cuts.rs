//! A thousand connections that break at a random byte while everyone is busy.

use std::time::Duration;

use socket_runtime::test::Direction;

use crate::protocol::Place;
use crate::world::{Outcome, World};
use crate::{Step, paused};

const ROUNDS: u32 = 1_000;
/// Far more than any round takes; a cut that does not come is a failure.
const STEPS: usize = 5_000;

/// The seed is chosen anew each time, and `CUTS_SEED` names one that failed.
#[test]
fn a_thousand_cuts_at_a_random_byte_lose_double_and_reorder_nothing() {
    let seed = match std::env::var("CUTS_SEED") {
        Ok(seed) => seed.parse().expect("a number"),
        Err(_) => fastrand::u64(..),
    };
    // What a test prints is shown when it fails.
    println!("CUTS_SEED={seed}");
    paused(cut(fastrand::Rng::with_seed(seed)));
}

async fn cut(mut random: fastrand::Rng) {
    let mut world = World::new().await;
    for place in [Place::Deep, Place::Kept, Place::Unkept] {
        world.take(&Step::Join(place)).await;
    }
    while world.breaks < ROUNDS {
        let before = world.breaks;
        // Some are cut again while they come back, in the request or the handshake.
        for _ in 0..random.u32(1..3) {
            world.take(&at_a_byte(&mut random)).await;
            traffic(&mut world, &mut random).await;
        }
        let mut steps = 0;
        while world.breaks == before {
            traffic(&mut world, &mut random).await;
            steps += 1;
            assert!(steps < STEPS, "the connection does not break");
        }
    }
    assert!(world.opened > ROUNDS / 2, "{} came back", world.opened);
    assert_eq!(world.anew, 0, "every session goes on");
    let Outcome { unanswered, deep } = world.settle_and_check().await;
    assert_eq!(unanswered, 0, "each call has its answer");
    // Every gap was told; and one is only there where more was missed than the server replays.
    for pair in deep.windows(2) {
        let missed = pair[1] - pair[0] - 1;
        assert!(missed == 0 || missed > 300, "{missed} behind {}", pair[0]);
    }
}

fn at_a_byte(random: &mut fastrand::Rng) -> Step {
    let direction = if random.bool() {
        Direction::Up
    } else {
        Direction::Down
    };
    Step::CutAfter(direction, random.u64(0..4_000))
}

async fn traffic(world: &mut World, random: &mut fastrand::Rng) {
    let step = match random.u32(0..8) {
        0..3 => Step::Publish(Place::Deep, random.u32(1..4)),
        3 => Step::Publish(Place::Kept, 1),
        4 => Step::Publish(Place::Unkept, 1),
        // What is called must fit through between two cuts.
        _ if world.is_busy() => Step::Publish(Place::Deep, 1),
        5 | 6 => Step::Deposit(random.u64(0..60)),
        _ => Step::Look,
    };
    world.take(&step).await;
    // Slower than what a client may call in a second.
    let pause = Duration::from_millis(random.u64(0..100));
    world.take(&Step::Wait(pause)).await;
}

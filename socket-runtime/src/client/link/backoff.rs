//! Reconnect delays, random so that ten thousand clients do not come back at the same moment.

use std::time::Duration;

use fastrand::Rng;
use socket_protocol::CloseCode;

use crate::client::state::{Closed, Loss};

/// The delay before the next attempt, with full jitter from the first one on: a random time below
/// the bound.
pub(crate) fn delay(rng: &mut Rng, spread: Duration, max: Duration, attempt: u32) -> Duration {
    let bound = spread.saturating_mul(1u32.checked_shl(attempt).unwrap_or(u32::MAX));
    bound.min(max).mul_f64(rng.f64())
}

/// A random moment within the window that `:drain` announces.
pub(crate) fn within(rng: &mut Rng, [min, max]: [u64; 2]) -> Duration {
    let (min, max) = (Duration::from_millis(min), Duration::from_millis(max));
    min + max.saturating_sub(min).mul_f64(rng.f64())
}

/// The final state that a close code causes: 4500 to 4999 end the client, after any other code it
/// comes back.
pub(crate) fn end_of(loss: &Loss) -> Option<Closed> {
    let code = loss.code.filter(|code| (4500..5000).contains(code))?;
    Some(if code == CloseCode::UpgradeRequired.number() {
        Closed::UpgradeRequired {
            loss: loss.clone(),
            server: None,
        }
    } else {
        Closed::Refused(loss.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_anywhere_below_a_bound_that_doubles() {
        let mut rng = Rng::with_seed(7);
        let (spread, max) = (Duration::from_secs(2), Duration::from_secs(20));
        for (attempt, bound) in [
            (0, 2),
            (1, 4),
            (2, 8),
            (3, 16),
            (4, 20),
            (40, 20),
            (u32::MAX, 20),
        ] {
            let delays: Vec<_> = (0..1000)
                .map(|_| delay(&mut rng, spread, max, attempt))
                .collect();
            let bound = Duration::from_secs(bound);
            assert!(delays.iter().all(|delay| *delay < bound), "{attempt}");
            assert!(delays.iter().any(|delay| *delay < bound / 10), "{attempt}");
            assert!(
                delays.iter().any(|delay| *delay > bound * 9 / 10),
                "{attempt}"
            );
        }
        for _ in 0..1000 {
            let moment = within(&mut rng, [1000, 3000]);
            assert!((1000..=3000).contains(&moment.as_millis()), "{moment:?}");
        }
        assert_eq!(within(&mut rng, [5, 1]), Duration::from_millis(5));
    }

    #[test]
    fn only_the_codes_from_4500_on_are_final() {
        for code in CloseCode::ALL {
            let end = end_of(&Loss::closed(code.number(), ""));
            assert_eq!(end.is_some(), code.is_final(), "{code}");
        }
        assert!(end_of(&Loss::new("lost")).is_none());
    }
}

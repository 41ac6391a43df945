//! How often somebody may ask who has not signed in, by the network they ask from.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Clock, Error, Moment};
use web::ask::Asker;
use web::{PageError, Visitor};

/// So many networks are remembered; beyond it, those that asked least are forgotten.
const MOST: usize = 50_000;

const MINUTE_MICROS: i64 = 60_000_000;

/// A bucket for each network: it holds half a minute's requests, and fills again with time.
///
/// What is kept of a network is one moment: when its bucket will be full again. A bucket that is full
/// needs no memory.
#[derive(Debug)]
pub struct Rate {
    clock: Clock,
    /// What one request takes from the bucket. Units: microseconds in which it fills again; 0 for no
    /// limit at all.
    cost: i64,
    full_at: Mutex<HashMap<u128, i64>>,
}

impl Rate {
    /// So many requests a minute from each network, and half as many at once; 0 for no limit.
    #[must_use]
    pub fn new(per_minute: u32, clock: Clock) -> Self {
        let cost = MINUTE_MICROS.checked_div(per_minute.into()).unwrap_or_default();
        Self { clock, cost, full_at: Mutex::default() }
    }

    /// Counts a request.
    ///
    /// Errors: the seconds after which it may be tried again.
    fn take(&self, address: &str, now: Moment) -> Result<(), i64> {
        // The machine itself, or a proxy that nobody named: one bucket for all would shut everybody out.
        let Some(network) = network(address).filter(|_| self.cost > 0) else { return Ok(()) };
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MOST {
            forget(&mut full_at, now);
        }
        let moment = full_at.entry(network).or_insert(now.0);
        let after = (*moment).max(now.0) + self.cost;
        let too_far = after - now.0 - MINUTE_MICROS / 2;
        if too_far > 0 {
            return Err(too_far / 1_000_000 + 1);
        }
        *moment = after;
        Ok(())
    }
}

/// Forgets whose buckets are full, and where that is not enough the half that asked less.
fn forget(full_at: &mut HashMap<u128, i64>, now: Moment) {
    full_at.retain(|_, moment| *moment > now.0);
    if full_at.len() >= MOST {
        let mut moments: Vec<i64> = full_at.values().copied().collect();
        let (_, middle, _) = moments.select_nth_unstable(MOST / 2);
        let middle = *middle;
        full_at.retain(|_, moment| *moment > middle);
    }
    if full_at.len() >= MOST {
        full_at.clear();
    }
}

/// An address of IPv4, or the first half of one of IPv6, of which whoever has one has as many as they
/// like. None for this machine and for what is no address.
fn network(address: &str) -> Option<u128> {
    let address = address.parse::<IpAddr>().ok()?.to_canonical();
    match address {
        _ if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.to_ipv6_mapped().to_bits()),
        IpAddr::V6(address) => Some(address.to_bits() >> 64 << 64),
    }
}

/// What is not counted: what a page consists of beside its text, what watches over the program, and
/// the way to be known, which is guarded by itself.
const FREE: [&str; 4] = ["/assets/", "/healthz", "/metrics", "/sign-in"];

/// Middleware: turns away whoever asks too often without having signed in.
pub async fn limit(State(rate): State<Arc<Rate>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_free = FREE.iter().any(|free| path.starts_with(free));
    let is_known = request.extensions().get::<Visitor>().is_some();
    let asker = request.extensions().get::<Asker>().filter(|_| !is_free && !is_known);
    let taken = asker.map(|asker| rate.take(&asker.address, rate.clock.now()));
    match taken {
        Some(Err(seconds)) => too_many(seconds),
        _ => next.run(request).await,
    }
}

fn too_many(seconds: i64) -> Response {
    let error = Error::refused("access.too_many_requests", move |lang| {
        lang::rate::too_many_requests(lang, seconds)
    });
    let mut response = PageError(error).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(per_minute: u32) -> Rate {
        Rate::new(per_minute, Clock::fixed(Moment(0)))
    }

    #[test]
    fn half_a_minutes_requests_may_come_at_once_and_then_as_many_as_time_gives() {
        let rate = rate(60);
        let at = |seconds: i64| Moment(seconds * 1_000_000);
        let took =
            |seconds| (0..100).filter(|_| rate.take("192.0.2.1", at(seconds)).is_ok()).count();
        assert_eq!((took(0), took(0), took(1), took(1), took(11)), (30, 0, 1, 0, 10));
        assert_eq!(rate.take("192.0.2.1", at(11)), Err(2));
        assert_eq!(took(1_000), 30);
    }

    #[test]
    fn networks_are_told_apart_and_this_machine_is_not_limited() {
        let rate = rate(2);
        let take = |address| rate.take(address, Moment(0)).is_ok();
        for (address, taken) in [
            ("192.0.2.1", true),
            ("192.0.2.1", false),
            ("192.0.2.2", true),
            ("::ffff:192.0.2.2", false),
            ("2001:db8::1", true),
            ("2001:db8::ffff:2", false),
            ("2001:db8:0:1::1", true),
            ("127.0.0.1", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("::1", true),
            ("", true),
            ("", true),
        ] {
            assert_eq!(take(address), taken, "{address}");
        }
        let unlimited = self::rate(0);
        assert!((0..10_000).all(|_| unlimited.take("192.0.2.1", Moment(0)).is_ok()));
    }

    #[test]
    fn however_many_networks_ask_the_memory_is_bounded_and_who_asks_most_is_remembered() {
        let rate = rate(4);
        let now = Moment(0);
        rate.take("192.0.2.1", now).unwrap();
        rate.take("192.0.2.1", now).unwrap();
        for at in 0..u32::try_from(MOST).unwrap() * 2 {
            let [_, a, b, c] = at.to_be_bytes();
            rate.take(&format!("10.{a}.{b}.{c}"), now).unwrap();
            assert!(rate.full_at.lock().unwrap().len() <= MOST);
        }
        rate.take("192.0.2.1", now).unwrap_err();
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_the_bucket_and_what_flows_into_it(
            per_minute in 1..10_000_u32,
            steps in prop::collection::vec(0..2_000_000_i64, 1..400),
        ) {
            let rate = rate(per_minute);
            let (mut now, mut taken) = (0, 0_i64);
            for step in steps {
                now += step;
                taken += i64::from(rate.take("192.0.2.1", Moment(now)).is_ok());
                let most = (now + MINUTE_MICROS / 2) / rate.cost + 1;
                prop_assert!(taken <= most, "{} of {}", taken, most);
            }
        }
    }
}

//! Codes by the time (TOTP, RFC 6238): SHA-1, six digits, a new one every 30 seconds. These are the
//! values that every authenticator understands.

use base::{Moment, random_bytes};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A code holds for so long. Units: seconds.
pub(crate) const STEP_SECONDS: i64 = 30;
const STEP_MICROS: i64 = STEP_SECONDS * 1_000_000;
/// As long as what the algorithm works on (RFC 4226, 4).
pub(super) const SECRET_BYTES: usize = 20;
/// Clocks differ: the code before and the code after are taken too.
const AROUND: i64 = 1;

/// A new secret.
pub(super) fn new_secret() -> Zeroizing<[u8; SECRET_BYTES]> {
    Zeroizing::new(random_bytes())
}

/// The number of the step that an instant lies in.
pub(crate) const fn step_at(now: Moment) -> i64 {
    now.0.div_euclid(STEP_MICROS)
}

/// The code of a step.
pub(crate) fn code_at(secret: &[u8], step: i64) -> u32 {
    let digest = match Hmac::<Sha1>::new_from_slice(secret) {
        Ok(mac) => mac.chain_update(step.to_be_bytes()).finalize().into_bytes(),
        // HMAC takes keys of every length.
        Err(_) => return u32::MAX,
    };
    let digest: [u8; 20] = digest.into();
    // Where the last half byte says (RFC 4226, 5.3); it says at most 15.
    let start = usize::from(digest[19] & 0x0f);
    let four = digest.get(start..start + 4).and_then(|four| four.try_into().ok());
    (u32::from_be_bytes(four.unwrap_or_default()) & 0x7fff_ffff) % 1_000_000
}

/// The step whose code this is, among those around now and behind the last one that was taken.
pub(super) fn find_step(secret: &[u8], code: u32, now: Moment, last: i64) -> Option<i64> {
    let here = step_at(now);
    let mut found = None;
    for step in here - AROUND..=here + AROUND {
        let same = bool::from(code_at(secret, step).ct_eq(&code));
        if same && step > last {
            found = found.or(Some(step));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, whose codes have eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (second, code) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000_i64, 65_353_130),
        ] {
            let step = step_at(Moment(second * 1_000_000));
            assert_eq!(code_at(secret, step), code % 1_000_000, "{second}");
        }
    }

    /// RFC 4226, appendix D.
    #[test]
    fn the_codes_by_count_are_those_of_the_standard() {
        let codes = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583];
        for (count, code) in (0..).zip(codes) {
            assert_eq!(code_at(b"12345678901234567890", count), code, "{count}");
        }
    }

    #[test]
    fn one_step_either_way_is_taken_and_each_code_once() {
        let secret = b"12345678901234567890";
        let now = Moment(1_234_567_890_000_000);
        let here = step_at(now);
        for (step, last, taken) in [
            (here, 0, true),
            (here - 1, 0, true),
            (here + 1, 0, true),
            (here - 2, 0, false),
            (here + 2, 0, false),
            (here, here, false),
            (here, here - 1, true),
            (here - 1, here, false),
            (here + 1, here, true),
        ] {
            let found = find_step(secret, code_at(secret, step), now, last);
            assert_eq!(found, taken.then_some(step), "{step} after {last}");
        }
    }
}
